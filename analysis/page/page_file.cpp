// Puts the data of a page into its template. All texts of users go into a block of JSON, in which
// no "<" is left, so that no text can end the block; the title alone is HTML, and is escaped. The
// page's scripts turn the data into texts of elements, and its policy (CSP) lets nothing else run.

#include "analysis/page/page_file.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "analysis/page/page_assets.h"
#include "models/base/error.h"
#include "models/base/output_error.h"

namespace offcut::analysis {
namespace {

/// Returns the text with each of the characters replaced by what `escaped` says.
template <class Escape>
std::string with_escapes(std::string_view text, Escape escaped) {
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    const std::string_view replacement = escaped(c);
    replacement.empty() ? result += c : result += replacement;
  }
  return result;
}

std::string html_text(std::string_view text) {
  return with_escapes(text, [](char c) -> std::string_view {
    return c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;" : "";
  });
}

/// Returns the JSON in ASCII without "<", so that it holds neither an end tag nor U+2028. Bytes
/// that are not UTF-8 become U+FFFD.
std::string json_text(const nlohmann::ordered_json& data) {
  constexpr bool kAscii = true;
  return with_escapes(data.dump(-1, ' ', kAscii, nlohmann::ordered_json::error_handler_t::replace),
                      [](char c) -> std::string_view { return c == '<' ? "\\u003c" : ""; });
}

}  // namespace

void require_page(const std::string& option) {
  if (page_template().before_title.empty()) {
    throw InputError({option},
                     "this program was built without d3, which draws the page: install Debian's "
                     "package node-d3 and build offcut again");
  }
}

void write_page(const std::string& path, const std::string& title,
                const nlohmann::ordered_json& data) {
  const PageTemplate page = page_template();
  std::ofstream file(path, std::ios::binary);
  file << page.before_title << html_text(title) << page.before_data << json_text(data)
       << page.after_data;
  if (!file.flush()) {
    throw OutputError({path}, "cannot be written (is the disk full?)");
  }
}

}  // namespace offcut::analysis
