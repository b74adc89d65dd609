#pragma once

/// A function of its own, whatever the optimiser thinks: a profiler can be told to count just what happens inside.
#define MLA_MEASURED __attribute__((noinline)) static
