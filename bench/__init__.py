"""One script per figure, run by `make bench`. docs/benchmarks.md tells what is measured and what came out."""
