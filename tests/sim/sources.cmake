# The simulated world without a main: for mla_sim, for mla_mutants (over the engine with planted slips), for other compilers.
set(MLA_SIM_WORLD
  autonomy.cc balance_world.cc call_back.cc calm.cc clean_up.cc confirmations.cc counts.cc engines.cc faults.cc hostile.cc
  link_faults.cc model.cc node_checks.cc notices.cc processes.cc profile.cc quiet.cc quiet_checks.cc rules.cc seeds.cc show.cc trace_hash.cc
  transitions.cc users.cc watch_ages.cc watch_steps.cc wire_checks.cc wires.cc world.cc)
list(TRANSFORM MLA_SIM_WORLD PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
