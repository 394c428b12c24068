#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace offcut {

/// A position in the user's input. Lines and columns count from 1; 0 means the whole file.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;

  bool operator==(const Place&) const = default;
};

/// One error in the input.
struct Diagnostic {
  Place place;
  std::string message;

  bool operator==(const Diagnostic&) const = default;
};

bool is_among(const Diagnostic& diagnostic, std::span<const Diagnostic> diagnostics);

/// Adds those errors that are not yet in `diagnostics`: several models may report the same one.
void add_new(std::span<const Diagnostic> found, std::vector<Diagnostic>& diagnostics);

/// Returns "file:line:column: error: message", the format of compilers. Control characters, which
/// would garble a terminal, are escaped ("\\x1b"); a message may have several lines.
std::string to_text(const Diagnostic& diagnostic);

/// Prepares user text for a message: on one line, with the middle of a long text left out.
std::string shortened(std::string_view text);
/// Returns the shortened text between single quotes.
std::string in_quotes(std::string_view text);

/// Sorts the errors in `file` by position; those in other files follow in their old order.
void sort_by_place(std::vector<Diagnostic>& diagnostics, const std::string& file);

/// Reports invalid user input. Carries every error found; what() returns their texts, one per line.
class InputError : public std::runtime_error {
 public:
  explicit InputError(std::vector<Diagnostic> diagnostics);
  InputError(Place place, std::string message);

  const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }

 private:
  std::vector<Diagnostic> diagnostics_;
};

/// Returns the candidate with the smallest edit distance (a wrong case counts half), or else the
/// only one that contains the name; empty if none is close.
std::string nearest(std::string_view name, std::span<const std::string> candidates);

/// Returns the ending of a message "unknown x 'name'": "; did you mean 'y'?", or else the list of
/// valid names.
std::string suggestion(std::string_view name, std::span<const std::string> candidates);

}  // namespace offcut
