# The comparison as bars, a panel for each contest; bench/report tells data, picture and panels.
height = 50
do for [i = 0:panels - 1] { stats data index i using 1 nooutput; height = height + 60 + 28 * STATS_max }
set terminal svg size 1100, height font "Helvetica,13" background "white"
set output picture
set multiplot
set lmargin 0; set rmargin 0; set tmargin 0; set bmargin 0
unset key; unset border; unset xtics; unset ytics
set style fill solid noborder
set boxwidth 0.7
color(role) = role == 1 ? 0x0b7a6f : role == 2 ? 0x52677d : role == 3 ? 0x8a6d3b : role == 4 ? 0xd5d9de : role == 5 ? 0xb79bc4 : 0xd0736b
top = height - 30.0
do for [i = 0:panels - 1] {
    # the ranges of the panel before would bound these
    set xrange [*:*]; set yrange [*:*]
    stats data index i using 1 nooutput
    sides = STATS_max
    # the limit runs out of the picture, with its number: what does work is to be seen
    stats data index i using ($2 == 4 && sides > 1 ? NaN : $3) nooutput
    longest = STATS_max > 0 ? STATS_max : 1
    set size 0.36, (28 * sides + 50) / height
    set origin 0.31, (top - 28 * sides - 50) / height
    set yrange [sides + 0.5 : -1.3]
    set xrange [0 : longest * 1.02]
    plot data index i using (0):1:(0):($3 > longest ? longest : $3):($1 - 0.36):($1 + 0.36):(color($2)) every ::1 with boxxyerror lc rgb variable, \
         '' index i using (0):1:4 every ::1 with labels right offset -1, 0 font ",12", \
         '' index i using (longest * 1.02):1:5 every ::1 with labels left offset 1, 0 font ",12", \
         '' index i using (0):(-0.75):4 every ::0::0 with labels left offset -33, 0 font ",13", \
         '' index i using (longest * 1.02):(-0.05):5 every ::0::0 with labels left offset 1, 0 font ",11" tc rgb 0x666666
    top = top - 28 * sides - 60
}
unset multiplot
