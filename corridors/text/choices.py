"""The words that a user chooses among, each list in its one home; it imports nothing, so help comes at once."""

OBJECTIVES = ("generalised", "cost", "time", "emissions")  # what a plan minimises; the first is the usual one
TYPICAL, BEST = "typical", "best"  # running figures; the first are the usual ones
CLOSURE_KINDS = ("link", "terminal", "border", "corridor", "country")
COMBINED_KINDS = ("link", "terminal", "border")  # what a worst combination is looked for among, unless others are named
CHOICES = ("linear", "logit", "network")  # how freight finds its ways: by one hand, or by shippers who choose
ASSIGNMENTS = ("none", "equilibrium", "optimum")  # whether waiting counts, and whose; the first is the usual one
NESTS = ("frontiers", "chain", "none")  # what makes two routes one way; the first is the usual one
RANKINGS = ("morris", "sobol", "none")  # how uncertain parameters are ranked; the first is the usual one
UNCERTAINTY_TABLES = ("intervals", "conclusions", "indices", "groups")
ESTIMATE_TABLES = ("fit", "estimates", "residuals", "influence", "correlations")
ASKED_TABLES = ("years", "elasticities")  # of an estimate, where they are asked for
REFERENCE_TABLES = ("references", "observations")  # what the model is held against
