#pragma once

#include <fmt/format.h>

#include <string_view>

namespace offcut::cli {

/// Silences say() and progress bars, for --quiet. Errors are still printed.
void set_quiet(bool quiet);
bool is_quiet();

/// Silences say() alone: standard output is for write_document().
void set_document_only();

/// Writes a text for programs to standard output, as it is. Throws OutputError if that is not
/// possible.
void write_document(std::string_view text);

/// Writes to standard output, unless quiet. Names from files may be in the text: it is made
/// printable(). Throws OutputError if that is not possible.
void write_output(std::string_view text);

/// Writes out what is buffered. Throws OutputError if that is not possible, as on a full disk.
void flush_output();

/// Formats and writes to standard output. All that commands print goes through here.
template <class... Values>
void say(fmt::format_string<Values...> format, Values&&... values) {
  write_output(fmt::vformat(format, fmt::make_format_args(values...)));
}

}  // namespace offcut::cli
