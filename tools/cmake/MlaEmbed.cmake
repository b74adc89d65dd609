# mla_embed(TARGET HEADER FILES…): the bytes of these files in the program. HEADER, of the tree, declares
# mla::EmbeddedFile {name, bytes} and std::span<const EmbeddedFile> mla::embedded_files(); what they are is made here.
set(MLA_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})
function(mla_embed target header)
  set(files ${ARGN})
  list(TRANSFORM files PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  set(made ${CMAKE_CURRENT_BINARY_DIR}/embedded_files.cc)
  add_custom_command(OUTPUT ${made}
    COMMAND ${CMAKE_COMMAND} -DMLA_EMBED_HEADER=${header} -DMLA_EMBED_INTO=${made} "-DMLA_EMBED_FILES=${files}" -P ${MLA_EMBED_SCRIPT}
    DEPENDS ${files} ${MLA_EMBED_SCRIPT} VERBATIM)
  target_sources(${target} PRIVATE ${made})
endfunction()

if(MLA_EMBED_INTO)
  set(arrays "")
  set(entries "")
  set(count 0)
  foreach(file IN LISTS MLA_EMBED_FILES)
    get_filename_component(name ${file} NAME)
    file(READ ${file} hex HEX)
    string(LENGTH "${hex}" size)
    math(EXPR size "${size} / 2")
    string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
    string(APPEND arrays "constexpr unsigned char k${count}[${size}] = {${bytes}};\n")
    string(APPEND entries "    {\"${name}\", {reinterpret_cast<const char*>(k${count}), ${size}}},\n")
    math(EXPR count "${count} + 1")
  endforeach()
  file(WRITE ${MLA_EMBED_INTO} "#include \"${MLA_EMBED_HEADER}\"

namespace mla {
namespace {
${arrays}const EmbeddedFile kFiles[] = {
${entries}};
}  // namespace
std::span<const EmbeddedFile> embedded_files() {
  return kFiles;
}
}  // namespace mla
")
endif()
