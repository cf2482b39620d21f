"""What a planner asks beside an answer: other plans, fronts, reasons."""
