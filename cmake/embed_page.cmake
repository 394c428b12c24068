# Writes OUTPUT, a C++ file with the page of reports as texts: analysis/page in SOURCE, with d3 from the file D3 and its
# licence. Without D3, the texts are empty. TEMPLATE gets the same page, with @TITLE@ and @DATA@ in place of a run's.
# Called as: cmake -DSOURCE=... -DD3=... -DOUTPUT=... -DTEMPLATE=... -P embed_page.cmake

cmake_minimum_required(VERSION 3.25)

# base64_of(RESULT HEX): digits of hexadecimal numbers, an even count, as base64.
function(base64_of result hex)
  set(alphabet "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  string(LENGTH "${hex}" length)
  set(text "")
  set(position 0)
  while(position LESS length)
    string(SUBSTRING "${hex}" ${position} 6 digits)
    string(LENGTH "${digits}" count)
    string(SUBSTRING "${digits}0000" 0 6 digits)  # Three bytes, which are four letters.
    foreach(letter IN ITEMS 0 1 2 3)
      math(EXPR bits "(0x${digits} >> (18 - 6 * ${letter})) & 63")
      math(EXPR first_bit "${letter} * 6")
      math(EXPR bit_count "${count} * 4")
      if(first_bit LESS bit_count)
        string(SUBSTRING "${alphabet}" ${bits} 1 sign)
        string(APPEND text "${sign}")
      else()
        string(APPEND text "=")
      endif()
    endforeach()
    math(EXPR position "${position} + 6")
  endwhile()
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

# hash_of(RESULT TEXT): the source that a content security policy names to allow this inline text.
function(hash_of result text)
  string(SHA256 hex "${text}")
  base64_of(base64 "${hex}")
  set(${result} "'sha256-${base64}'" PARENT_SCOPE)
endfunction()

set(page "")
if(D3)
  set(folder ${SOURCE}/analysis/page)
  file(READ ${folder}/page.html page)
  file(READ ${folder}/page.css style)
  file(READ ${folder}/d3-licence.txt licence)
  file(READ ${D3} d3)
  set(script "(function () {\n\"use strict\";\n")
  file(GLOB scripts ${folder}/scripts/*.js)
  list(SORT scripts)
  foreach(file IN LISTS scripts)
    file(READ ${file} text)
    string(APPEND script "${text}")
  endforeach()
  string(APPEND script "main();\n})();\n")
  foreach(text IN ITEMS "${d3}" "${script}")
    string(FIND "${text}" "</script" end)
    if(NOT end EQUAL -1)
      message(FATAL_ERROR "a script of the page holds the end of its element")
    endif()
  endforeach()
  hash_of(style_hash "${style}")
  hash_of(d3_hash "${d3}")
  hash_of(script_hash "${script}")
  string(REPLACE "@STYLE_HASHES@" "${style_hash}" page "${page}")
  string(REPLACE "@SCRIPT_HASHES@" "${d3_hash} ${script_hash}" page "${page}")
  string(REPLACE "@LICENCE@" "${licence}" page "${page}")
  string(REPLACE "@STYLE@" "${style}" page "${page}")
  string(REPLACE "@SCRIPT@" "${script}" page "${page}")
  string(REPLACE "@D3@" "${d3}" page "${page}")
endif()
file(WRITE ${TEMPLATE} "${page}")

set(before_title "")
set(before_data "")
set(after_data "")
if(page)
  string(FIND "${page}" "@TITLE@" title)
  string(FIND "${page}" "@DATA@" data)
  string(SUBSTRING "${page}" 0 ${title} before_title)
  math(EXPR begin "${title} + 7")
  math(EXPR length "${data} - ${begin}")
  string(SUBSTRING "${page}" ${begin} ${length} before_data)
  math(EXPR begin "${data} + 6")
  string(SUBSTRING "${page}" ${begin} -1 after_data)
endif()
file(WRITE ${OUTPUT} "// Written by cmake/embed_page.cmake.
#include \"analysis/page/page_assets.h\"
namespace offcut::analysis {
PageTemplate page_template() {
  return {R\"embedded(${before_title})embedded\", R\"embedded(${before_data})embedded\",
          R\"embedded(${after_data})embedded\"};
}
}  // namespace offcut::analysis
")
