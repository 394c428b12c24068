#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace offcut {

/// Where in the user's input something stands. Lines and columns count from 1; 0 means "the file as
/// a whole".
struct Place {
  std::string file;
  int line = 0;
  int column = 0;

  bool operator==(const Place&) const = default;
};

/// One thing that is wrong with the input.
struct Diagnostic {
  Place place;
  std::string message;

  bool operator==(const Diagnostic&) const = default;
};

/// Whether that very error was noted before.
bool is_among(const Diagnostic& diagnostic, std::span<const Diagnostic> diagnostics);

/// Adds the errors that were not noted before: several models may run into the same one.
void add_new(std::span<const Diagnostic> found, std::vector<Diagnostic>& diagnostics);

/// "file:line:column: error: message", as compilers write it. Control characters, which would
/// garble a terminal, are written out ("\\x1b"); a message may have several lines.
std::string to_text(const Diagnostic& diagnostic);

/// A text of the user's in a message: on one line, and shortened in the middle where it is long.
std::string shortened(std::string_view text);
/// The same between single quotes.
std::string in_quotes(std::string_view text);

/// Brings errors into the order of `file`; those in other places follow as they came.
void sort_by_place(std::vector<Diagnostic>& diagnostics, const std::string& file);

/// The user's input is wrong. Carries every error that was found; what() is their texts, a line
/// each.
class InputError : public std::runtime_error {
 public:
  explicit InputError(std::vector<Diagnostic> diagnostics);
  InputError(Place place, std::string message);

  const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }

 private:
  std::vector<Diagnostic> diagnostics_;
};

/// The candidate with the smallest edit distance (a wrong case counts half), or else
/// the only one that contains the name; empty where none is close.
std::string nearest(std::string_view name, std::span<const std::string> candidates);

/// What to add to "unknown x 'name'": "; did you mean 'y'?", or else the list of what is valid.
std::string suggestion(std::string_view name, std::span<const std::string> candidates);

}  // namespace offcut
