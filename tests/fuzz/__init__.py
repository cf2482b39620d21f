"""Random questions and inputs against plain oracles: `make fuzz` asks thousands, the tests some."""
