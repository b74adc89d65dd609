# simdjson::simdjson from the source of Debian's package, for targets that Debian has no library for. The archive is brought
# at the first configuration, from the mirror that this machine's apt uses, and must be the one named here. Nothing of it
# enters the repository. MLA_SIMDJSON_ARCHIVE names a copy for machines without a network.
set(version 3.0.1)
set(sha256 156b1bc5eb0561b2bd166b46d191fd3d95a3e709cc63761477d3b7aec2b6e9ed)
set(MLA_SIMDJSON_ARCHIVE ${CMAKE_BINARY_DIR}/third_party/simdjson_${version}.orig.tar.gz CACHE FILEPATH
  "simdjson's source archive, as in Debian")

if(NOT EXISTS ${MLA_SIMDJSON_ARCHIVE})
  # Debian keeps a source package beside its binary ones: apt knows where.
  execute_process(COMMAND apt-get download --print-uris libsimdjson-dev
    OUTPUT_VARIABLE answer ERROR_VARIABLE complaint RESULT_VARIABLE status)
  if(NOT answer MATCHES "'([^']+)/[^/']+'")
    message(FATAL_ERROR "apt does not know where libsimdjson-dev is; has apt-get update been run?\n${answer}${complaint}")
  endif()
  set(uri ${CMAKE_MATCH_1}/simdjson_${version}.orig.tar.gz)
  cmake_path(GET MLA_SIMDJSON_ARCHIVE PARENT_PATH folder)
  file(MAKE_DIRECTORY ${folder})
  execute_process(COMMAND /usr/lib/apt/apt-helper download-file ${uri} ${MLA_SIMDJSON_ARCHIVE}.part
    OUTPUT_VARIABLE answer ERROR_VARIABLE complaint RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${uri} could not be brought:\n${answer}${complaint}")
  endif()
  file(RENAME ${MLA_SIMDJSON_ARCHIVE}.part ${MLA_SIMDJSON_ARCHIVE})
endif()

file(SHA256 ${MLA_SIMDJSON_ARCHIVE} found)
if(NOT found STREQUAL sha256)
  message(FATAL_ERROR "${MLA_SIMDJSON_ARCHIVE} is not simdjson ${version}: its sha256 is ${found}")
endif()
set(simdjson_source ${CMAKE_BINARY_DIR}/third_party/simdjson-${version}/singleheader)
if(NOT EXISTS ${simdjson_source}/simdjson.cpp)
  file(ARCHIVE_EXTRACT INPUT ${MLA_SIMDJSON_ARCHIVE} DESTINATION ${CMAKE_BINARY_DIR}/third_party
    PATTERNS */singleheader/simdjson.* */LICENSE)
endif()

# Not with the project's warnings: its code is not ours to mend.
add_library(mla_simdjson STATIC ${simdjson_source}/simdjson.cpp)
add_library(simdjson::simdjson ALIAS mla_simdjson)
target_include_directories(mla_simdjson SYSTEM PUBLIC ${simdjson_source})
target_compile_features(mla_simdjson PUBLIC cxx_std_20)
