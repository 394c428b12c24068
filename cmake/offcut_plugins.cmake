# offcut_plugins(TARGET DIR FUNCTION TYPE HEADER): every DIR/x.cpp defines `void register_x(Registry<TYPE>&)` in
# namespace offcut::TARGET; this writes `void FUNCTION(Registry<TYPE>&)`, which calls them all in sorted order. Adding
# a file is enough; a file that does not define its function fails to link, and the linker names the function.
function(offcut_plugins target dir function type header)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${dir}/*.cpp)
  list(SORT sources)
  set(declarations "")
  set(calls "")
  foreach(source IN LISTS sources)
    get_filename_component(stem ${source} NAME_WLE)
    if(NOT stem MATCHES "^[A-Za-z0-9_]+$")
      string(REGEX REPLACE "[^A-Za-z0-9_]+" "_" valid "${stem}")
      cmake_path(RELATIVE_PATH source BASE_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE file)
      message(FATAL_ERROR
        "${file}: the file's name must consist of letters, digits and underscores, because the file "
        "NAME.cpp defines the function register_NAME. Rename it, for example to ${valid}.cpp; the name "
        "that it registers for users may contain hyphens.")
    endif()
    string(APPEND declarations "void register_${stem}(Registry<${type}>&);\n")
    string(APPEND calls "  register_${stem}(registry);\n")
  endforeach()
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${function}.cpp CONTENT
"// Written by CMake from the files of ${dir}/.
#include \"${header}\"
namespace offcut::${target} {
${declarations}
void ${function}(Registry<${type}>& registry) {
${calls}}
}  // namespace offcut::${target}
" @ONLY)
  target_sources(offcut_${target} PRIVATE ${sources} ${CMAKE_CURRENT_BINARY_DIR}/${function}.cpp)
endfunction()
