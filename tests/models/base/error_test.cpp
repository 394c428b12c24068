#include "models/base/error.h"

#include <doctest/doctest.h>

#include "models/base/printable.h"

namespace offcut::error_test {

TEST_CASE("error: the text of a diagnostic begins with its file, on one line") {
  CHECK(to_text(Diagnostic{{"a\nb.yaml", 1, 2}, "no"}) == "a\\nb.yaml:1:2: error: no");
  CHECK(to_text(Diagnostic{{""}, "does not exist"}) == "'': error: does not exist");
}

TEST_CASE("error: the same error is added only once") {
  const Diagnostic first{{"a.yaml", 1, 2}, "no such tier"};
  std::vector<Diagnostic> diagnostics = {first};
  for (const Diagnostic& other :
       {Diagnostic{{"a.yaml", 1, 3}, "no such tier"}, Diagnostic{{"b.yaml", 1, 2}, "no such tier"},
        Diagnostic{{"a.yaml", 1, 2}, "no such hop"}}) {
    CHECK(!is_among(other, diagnostics));
    add_new(std::vector{first, other, other}, diagnostics);
    CHECK(diagnostics.back() == other);
  }
  CHECK(diagnostics.size() == 4);
  CHECK(is_among(first, diagnostics));
}

TEST_CASE("errors: texts are escaped where a terminal would obey them") {
  for (const auto& [text, safe] : std::initializer_list<std::pair<std::string_view, std::string>>{
           {"plain, \u00fc\u20ac\U0001F600", "plain, \u00fc\u20ac\U0001F600"},
           {"\x1b[31mred\x7f", "\\x1b[31mred\\x7f"},
           {"tab\tcr\r", "tab\\tcr\\x0d"},
           {"\xc2\x9b"
            "2J",
            "\\x9b2J"},  // CSI as one character of UTF-8.
           {"\x9b"
            "2J",
            "\\x9b2J"},  // The same byte, which is not UTF-8.
           {"a\u202eb\u2066\u2028", "a\\u202eb\\u2066\\u2028"},  // Right to left; a line's end.
           {"\xff\xc0\xaf\xed\xa0\x80\xe2\x82", "\\xff\\xc0\\xaf\\xed\\xa0\\x80\\xe2\\x82"},
           {std::string_view("nul\0", 4), "nul\\x00"},
       }) {
    CHECK(printable(text) == safe);
    CHECK(printable_line(text) == safe);
  }
  CHECK(printable("two\nlines") == "two\nlines");
  CHECK(printable_line("two\nlines") == "two\\nlines");
}

}  // namespace offcut::error_test
