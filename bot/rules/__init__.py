"""Pure rules: functions of plain values and `now`, without input, output or clocks of their own.

Everything here can be called from anywhere and tested with literals. A rule returns a decision as data; somebody else
carries it out.
"""
