"""The task registry. Adding a task is adding a declaration to one of the groups."""

from panda_core.tasks.glue import GLUE
from panda_core.tasks.others import OTHERS
from panda_core.tasks.standins import STAND_INS
from panda_core.tasks.superglue import SUPERGLUE

# The 21 tasks of the paper in the order of Table I, then those outside it.
TASKS = {task.name: task for task in (*SUPERGLUE, *GLUE, *OTHERS, *STAND_INS)}
TABLE_1 = tuple(name for name, task in TASKS.items() if task.in_table_1)
