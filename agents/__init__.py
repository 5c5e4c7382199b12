"""Who decides: mutator, judge, planner, scientist."""
