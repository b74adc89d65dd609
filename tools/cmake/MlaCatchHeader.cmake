# Catch2::Catch2 for a compiler that must not see /usr/include: Debian's header, alone in a folder.
if(NOT EXISTS /usr/include/catch2/catch.hpp)
  message(FATAL_ERROR "the tests need Debian's package catch2")
endif()
set(folder ${CMAKE_BINARY_DIR}/third_party/catch)
file(MAKE_DIRECTORY ${folder})
file(CREATE_LINK /usr/include/catch2 ${folder}/catch2 SYMBOLIC)
add_library(Catch2::Catch2 INTERFACE IMPORTED)
target_include_directories(Catch2::Catch2 SYSTEM INTERFACE ${folder})
