"""What is tuned beside the head: one file for each kind, and `kinds.new_part` for all of them."""
