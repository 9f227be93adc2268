"""WiC: words with two senses each, in sentences where the word stands between asterisks. `{X}` is a name."""

from __future__ import annotations

SENSES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}


def _word(word: str, first: str, second: str) -> None:
    SENSES[word] = tuple(tuple(part.strip() for part in side.split("|")) for side in (first, second))


_word("bank", "{X} opened an account at the *bank* | The *bank* lent {X} the money | {X} withdrew cash from the *bank*",
      "{X} sat on the *bank* of the river | The boat of {X} drifted to the *bank* | Flowers grew on the *bank* of the stream near {X}")
_word("bat", "The *bat* slept upside down above {X} | {X} saw a *bat* fly out of the cave | A *bat* caught an insect near {X}",
      "{X} swung the *bat* and missed the ball | {X} bought a wooden *bat* for the match | The *bat* of {X} cracked during the game")
_word("spring", "{X} plants tulips every *spring* | In *spring* {X} sees the swallows return | The snow melts in *spring*, said {X}",
      "A *spring* in the mattress hurt {X} | {X} oiled the *spring* of the old clock | {X} bent the metal *spring* of the toy")
_word("light", "{X} carried a *light* suitcase | The feather was too *light* for {X} to feel | {X} packed a *light* tent for the trip",
      "{X} wore a *light* blue shirt | {X} painted the wall in a *light* green | {X} prefers *light* colours to dark ones")
_word("sharp", "{X} cut the bread with a *sharp* knife | The *sharp* scissors hurt {X} | {X} stepped on a *sharp* stone",
      "{X} is a *sharp* thinker | Only a *sharp* student like {X} could solve it | {X} has a *sharp* mind for numbers")
_word("cold", "{X} drank a glass of *cold* water | The *cold* wind made {X} shiver | {X} washed in the *cold* lake",
      "{X} gave the stranger a *cold* look | The voice of {X} was *cold* and unfriendly | {X} sent a *cold* reply to the letter")
_word("bright", "The *bright* sun blinded {X} | {X} needed a *bright* lamp for reading | A *bright* star shone above {X}",
      "{X} is a *bright* pupil | The teacher called {X} a *bright* child | {X} was *bright* enough to pass every test")
_word("match", "{X} lit the candle with a *match* | {X} struck a *match* in the dark | The wet *match* of {X} would not burn",
      "{X} won the tennis *match* | The football *match* ended badly for {X} | {X} watched the chess *match* on television")
_word("ring", "{X} wore a gold *ring* on one finger | {X} lost a diamond *ring* | The wedding *ring* of {X} was lost",
      "The boxer {X} climbed into the *ring* | {X} left the *ring* after the knockout | The two boxers met {X} in the *ring*")
_word("letter", "{X} posted a *letter* to a friend | A *letter* from the lawyer reached {X} | {X} put the *letter* into an envelope",
      "{X} spelled the word with one *letter* missing | The first *letter* of the alphabet was written by {X} | {X} wrote a capital *letter*")
_word("seal", "The *seal* swam past {X} in the icy sea | {X} fed a fish to the *seal* | {X} saw a *seal* resting on the rocks",
      "{X} broke the *seal* of the envelope | {X} pressed the royal *seal* into the wax | The contract of {X} bore a red *seal*")
_word("palm", "{X} sat under a *palm* on the beach | A *palm* full of coconuts stood near {X} | {X} planted a *palm* on the island",
      "{X} held a coin in the *palm* of one hand | The fortune teller read the *palm* of {X} | {X} had a blister on one *palm*")
_word("trunk", "The *trunk* of the oak was too thick for {X} | {X} carved a heart into the *trunk* of the tree | {X} leaned on the mossy *trunk*",
      "The elephant took a nut from {X} with its *trunk* | {X} touched the *trunk* of the elephant | The elephant sprayed {X} with its *trunk*")
_word("nail", "{X} hammered a *nail* into the wall | {X} hung the picture on a rusty *nail* | {X} pulled the *nail* out of the board",
      "{X} painted each *nail* red | {X} broke a *nail* while typing | {X} filed one *nail* of the left hand")
_word("court", "The judge sent {X} out of the *court* | {X} was a witness in *court* | The *court* found {X} guilty",
      "{X} served the ball on the tennis *court* | {X} ran across the basketball *court* | The players left the *court* with {X}")
_word("pupil", "{X} is the best *pupil* in the class | The teacher praised each *pupil*, even {X} | A new *pupil* sat next to {X}",
      "The doctor shone a lamp into the *pupil* of {X} | The *pupil* of the eye widened when {X} looked up | {X} had a small *pupil* in the left eye")
_word("wave", "A huge *wave* threw {X} off the boat | {X} rode the *wave* on a surfboard | The *wave* rolled over {X} on the beach",
      "{X} gave a friendly *wave* from the window | With a *wave* of one hand {X} said goodbye | {X} answered the *wave* of the neighbour")
_word("star", "{X} saw a *star* through the telescope | The brightest *star* rose above {X} | {X} learned the name of each *star* in the sky",
      "{X} became a film *star* | The *star* of the show signed a photograph for {X} | {X} met a famous *star* of the stage")
_word("board", "{X} sawed the *board* in two | {X} nailed a *board* over the window | A rotten *board* in the floor broke under {X}",
      "The *board* of the company dismissed {X} | {X} was elected to the *board* of directors | The *board* met {X} to discuss the budget")
_word("crane", "The *crane* lifted a steel beam above {X} | {X} works on a tall *crane* at the harbour | The builder {X} moved the *crane*",
      "A *crane* spread its wings near {X} | {X} watched the *crane* build its nest | {X} photographed a grey *crane* in the marsh")
_word("plant", "{X} waters the *plant* on the balcony | The *plant* of {X} needs more sun | {X} put the *plant* into a bigger pot",
      "{X} works at the chemical *plant* | The car *plant* hired {X} | {X} inspected the machines of the *plant*")
_word("note", "{X} sang a high *note* | {X} played a wrong *note* on the piano | The last *note* of the song made {X} cry",
      "{X} left a *note* on the kitchen table | {X} wrote a short *note* to the neighbour | The *note* told {X} to call back")
_word("chest", "{X} kept old clothes in a wooden *chest* | {X} locked the *chest* with a key | The pirates buried the *chest* of {X}",
      "{X} felt a pain in the *chest* | The doctor listened to the *chest* of {X} | {X} crossed both arms over the *chest*")
_word("mouse", "A *mouse* ate the cheese of {X} | The cat of {X} chased a *mouse* | {X} found a *mouse* in the cellar",
      "{X} clicked with the *mouse* | {X} plugged the *mouse* into the computer | {X} moved the *mouse* to open the file")
_word("key", "{X} turned the *key* in the lock | {X} lost the *key* to the front door | {X} hid the *key* under the mat",
      "{X} pressed the wrong *key* on the keyboard | One *key* of the piano stuck when {X} played | {X} hit the delete *key* by accident")
_word("fair", "{X} was a *fair* judge | {X} asked for a *fair* share of the cake | The rules were *fair*, said {X}",
      "{X} has *fair* hair and blue eyes | With such *fair* skin {X} burns easily | {X} was a *fair* child with blond curls")
_word("hard", "{X} slept on a *hard* bench | The ground was too *hard* for {X} to dig | {X} could not bite the *hard* bread",
      "{X} failed the *hard* exam | {X} solved a *hard* riddle | It was a *hard* question for {X}")
_word("rich", "{X} was *rich* and owned three houses | The *rich* banker paid {X} | {X} married into a *rich* family",
      "{X} baked a *rich* chocolate cake | The sauce was too *rich* for {X} | {X} ate a *rich* soup full of cream")
_word("run", "{X} can *run* faster than the others | {X} had to *run* to the bus stop | {X} likes to *run* in the park",
      "{X} wants to *run* a hotel | {X} learned how to *run* a company | Few people could *run* the shop like {X}")
_word("break", "{X} is careful not to *break* the vase | Glass can *break* easily, said {X} | {X} heard a plate *break* in the kitchen",
      "{X} took a *break* after two hours of work | During the *break* {X} drank coffee | {X} needs a *break* from the office")
_word("draw", "{X} likes to *draw* horses with a pencil | {X} learned to *draw* faces | {X} began to *draw* a map on paper",
      "The game of {X} ended in a *draw* | After ninety minutes {X} was content with a *draw* | The chess players agreed to a *draw* with {X}")
_word("fly", "{X} saw the eagle *fly* over the lake | {X} is afraid to *fly* in an aeroplane | The geese *fly* south, {X} explained",
      "A *fly* fell into the soup of {X} | {X} swatted the *fly* with a newspaper | The buzzing of a *fly* woke {X}")
_word("bow", "{X} shot an arrow with the *bow* | The archer {X} bent the *bow* | {X} hung the *bow* and the arrows on the wall",
      "{X} made a deep *bow* before the queen | With a *bow* {X} thanked the audience | {X} greeted the emperor with a *bow*")
_word("tie", "{X} wore a silk *tie* to the wedding | {X} spilled soup on the striped *tie* | {X} loosened the *tie* after work",
      "The match of {X} ended in a *tie* | {X} broke the *tie* with a late goal | The vote was a *tie*, said {X}")
_word("file", "{X} saved the *file* on the computer | {X} deleted the *file* by mistake | {X} sent the *file* by email",
      "{X} smoothed the metal with a *file* | The prisoner {X} cut the bars with a *file* | {X} sharpened the saw with a small *file*")
_word("sentence", "{X} wrote a long *sentence* in the essay | {X} put a full stop after the *sentence* | Each *sentence* of the text puzzled {X}",
      "The judge passed a *sentence* of ten years on {X} | {X} served a long *sentence* in prison | The thief {X} feared a hard *sentence*")
