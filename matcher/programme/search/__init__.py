"""Better runs by annealing on the exact wished weight, and how much weight any timetable could grant."""
