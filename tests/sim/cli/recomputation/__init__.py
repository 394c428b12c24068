"""Computes the cells of offcut's result files once more, from the scenario, the plan and the requests, without any code of offcut."""
