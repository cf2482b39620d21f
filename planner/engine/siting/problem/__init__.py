"""What is asked: tables and labels as arrays, rules as linear limits, and the answer's form."""
