#pragma once

#include <string>
#include <string_view>

namespace offcut::cli {

/// Builds a manual page in the macros of man(7), as groff and mandoc read them. All texts may hold
/// any character: what roff would obey is escaped.
class RoffPage {
 public:
  /// `date` is YYYY-MM-DD, `source` the program and its version.
  RoffPage(const std::string& name, int section, const std::string& date,
           const std::string& source);

  void section(std::string_view title);
  void subsection(std::string_view title);
  /// Adds running text; an empty line begins a new paragraph. Text between backticks is bold.
  void text(std::string_view text);
  /// Adds an entry of a list. `tag` is ready to print: see bold() and italic().
  void entry(const std::string& tag, std::string_view text);
  /// Adds lines that stay as they are.
  void example(std::string_view lines);
  /// Adds a line that is ready to print.
  void line(const std::string& roff);

  const std::string& roff() const { return roff_; }

 private:
  std::string roff_;
};

/// Returns the text with its special characters escaped, and in bold or italics.
std::string escaped(std::string_view text);
std::string bold(std::string_view text);
std::string italic(std::string_view text);

}  // namespace offcut::cli
