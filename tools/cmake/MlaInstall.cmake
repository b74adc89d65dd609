# What `cmake --install` puts where: the two commands; for C++ the headers, one archive of all that mla::mla is made of, and a package
# that finds what it links; for C libmla.so, mla.h and mla.hpp. pkg-config knows the C++ library as mla and the C one as mla-c.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(parts contracts codec names core session engine describe transport runtime exchange)
add_library(mla_bundle STATIC)
foreach(part IN LISTS parts)
  target_sources(mla_bundle PRIVATE $<TARGET_OBJECTS:mla_${part}>)
endforeach()
# By name, not as imported targets: those would have to be made again by whoever finds the package.
target_link_libraries(mla_bundle PRIVATE absl::flat_hash_map absl::flat_hash_set absl::hash simdjson::simdjson Threads::Threads cbor zstd uring)
target_include_directories(mla_bundle INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(mla_bundle INTERFACE cxx_std_20)
set_target_properties(mla_bundle PROPERTIES OUTPUT_NAME mla-cpp EXPORT_NAME mla LINKER_LANGUAGE CXX)
set(installed mla_bundle)
if(TARGET mla_shared)
  set_target_properties(mla_shared PROPERTIES EXPORT_NAME c)
  list(APPEND installed mla_shared)
  install(FILES ffi/include/mla.h ffi/include/mla.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endif()
install(TARGETS ${installed} EXPORT mla)
install(DIRECTORY contracts/include/mla exchange/include/mla DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(MLA_BUILD_TOOLS)
  install(TARGETS mla-router mla)
endif()

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/mla)
configure_file(tools/cmake/mla-config.cmake.in mla-config.cmake @ONLY)
write_basic_package_version_file(mla-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/mla-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/mla-config-version.cmake DESTINATION ${package})
install(EXPORT mla NAMESPACE mla:: FILE mla-targets.cmake DESTINATION ${package})

# Where the prefix is from there: what was installed may be moved.
file(RELATIVE_PATH up /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
foreach(file mla.pc mla-c.pc)
  configure_file(tools/cmake/${file}.in ${file} @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${file} DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
