# One helper for every library of the project, so that flags live in one place and no folder edits global ones.

# mla_warnings(TARGET): the warnings and sanitizers every target of the project is built with.
function(mla_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Werror=return-type)
  # Missing fields of designated initialisers are our style, not slips.
  target_compile_options(${target} PRIVATE -Wno-missing-field-initializers)
  if(MLA_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${MLA_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    if(MLA_SANITIZE MATCHES "undefined")
      # It needs a pipe to look at memory: when no descriptor is left, it takes any type for a wrong one.
      target_compile_options(${target} PRIVATE -fno-sanitize=vptr)
    endif()
    target_link_options(${target} PRIVATE -fsanitize=${MLA_SANITIZE})
  endif()
endfunction()

# mla_fuzzed(TARGET): fuzz targets are told which of its lines they reach.
function(mla_fuzzed target)
  if(MLA_FUZZ)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endfunction()

# mla_library(NAME SOURCES… [PURE] [PUBLIC targets…] [PRIVATE targets…])
# PURE: below the seam, built without exceptions and without Boost.
function(mla_library name)
  cmake_parse_arguments(ARG "PURE" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(mla_${name} STATIC ${ARG_SOURCES})
  add_library(mla::${name} ALIAS mla_${name})
  target_include_directories(mla_${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  target_link_libraries(mla_${name} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
  target_compile_features(mla_${name} PUBLIC cxx_std_20)
  if(NOT EMSCRIPTEN)
    # They go into programs and into libmla.so, which shows nothing but its C functions. Without `hidden` the compiler would also
    # have to reckon with each function being replaced from outside, and inline none of them.
    set_target_properties(mla_${name} PROPERTIES
      POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  endif()
  if(ARG_PURE)
    target_compile_options(mla_${name} PRIVATE -fno-exceptions)
    mla_fuzzed(mla_${name})
    if(MLA_SANITIZE MATCHES "address")
      # That preset is compiled without optimisation, which takes half the time; but this is fuzzed and simulated.
      target_compile_options(mla_${name} PRIVATE -O1)
    endif()
  endif()
  if(EMSCRIPTEN)  # size_t has 32 bits there, and nothing may be lost in it
    target_compile_options(mla_${name} PRIVATE -Werror=shorten-64-to-32)
  endif()
  mla_warnings(mla_${name})
endfunction()

# mla_allocator(PROGRAM): jemalloc instead of libc's heap. For programs only: a library must not choose for its host. Sanitizers
# bring their own.
function(mla_allocator program)
  if(NOT MLA_SANITIZE)
    target_link_libraries(${program} PRIVATE PkgConfig::JEMALLOC)
  endif()
endfunction()
