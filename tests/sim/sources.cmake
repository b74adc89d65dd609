# The simulated world without a main: for mla_sim, for mla_mutants (over the engine with planted slips), for other compilers.
set(MLA_SIM_WORLD calm.cc hostile.cc quiet.cc seeds.cc show.cc trace_hash.cc wire_checks.cc world.cc)
list(TRANSFORM MLA_SIM_WORLD PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
