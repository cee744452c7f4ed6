"""The parts of bench/run: what is measured, the servers measured, and the document made from the figures."""
