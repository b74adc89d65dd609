# mla_xxhash: Debian's header of xxHash, which is all of it, alone in a folder for compilers that must not see /usr/include.
if(NOT EXISTS /usr/include/xxhash.h)
  message(FATAL_ERROR "Debian's package libxxhash-dev is needed")
endif()
set(folder ${CMAKE_BINARY_DIR}/third_party/xxhash)
file(MAKE_DIRECTORY ${folder})
file(CREATE_LINK /usr/include/xxhash.h ${folder}/xxhash.h SYMBOLIC)
add_library(mla_xxhash INTERFACE)
target_include_directories(mla_xxhash SYSTEM INTERFACE $<BUILD_INTERFACE:${folder}>)
