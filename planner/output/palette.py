"""Colours that the map on the page and the maps in the report share.

The ramp of shares runs in lightness, so it can be read without seeing colour and in grey print: the
paler, the better served, so that gaps stand out.
"""

SHARE_BOUNDS = (0.25, 0.5, 0.75, 0.9)
# A greyed indigo that no kind of facility is drawn in, lest a circle look like a class of lacking.
SHARE_COLOURS = ("#5d5889", "#8d89b0", "#b9b6d0", "#dedce8", "#fbf5e6")
SITE_COLOUR = "#20242b"  # of suggested sites, in pictures and on the map

# Amounts of which neither much nor little is better, least first.
AMOUNT_COLOURS = ("#f7f7ea", "#c2ddce", "#90bdc1", "#5b93b0", "#366792")
# On both sides of a target: the farther below, the browner; the farther above, the bluer.
BELOW_COLOURS = ("#a8611f", "#dda35c", "#f5ddb0")
ABOVE_COLOURS = ("#cfe6ec", "#78b7c9")
# Minutes along a street run the other way on purpose: a thin line must not fade into the ground, so
# that the near is bright and the far dark. Lightness falls all along.
MINUTES_WITHIN = ("#f2d24b", "#f0a04a", "#de6a52", "#b23a6b")
MINUTES_BEYOND = ("#7a2a75", "#452067", "#1d1740")

BACKDROP = {
    "industry": "#e4e0dc",
    "hill": "#d5e0c6",
    "park": "#c9dfb6",
    "sea": "#bcd7e6",
    "water": "#a9cfe3",
    "river": "#a9cfe3",
}
