#include "sim/scenario/yaml/yaml_node.h"

#include <doctest/doctest.h>

#include "../../../temporary_folder.h"
#include "../messages.h"

namespace offcut::scenario::yaml_node_test {
namespace {

YamlNode read(const std::string& text, std::vector<Diagnostic>& diagnostics) {
  const TemporaryFolder folder;
  return read_yaml(folder.write("a.yaml", text), diagnostics);
}

YamlNode read(const std::string& text) {
  std::vector<Diagnostic> diagnostics;
  YamlNode node = read(text, diagnostics);
  CHECK(messages(diagnostics).empty());
  return node;
}

/// The errors that are noted, or else thrown.
Messages wrong(const std::string& text) {
  std::vector<Diagnostic> diagnostics;
  const Messages thrown = messages_of([&] { read(text, diagnostics); });
  return thrown.empty() ? messages(diagnostics) : thrown;
}

}  // namespace

TEST_CASE("yaml node: keeps order, kinds and places") {
  const YamlNode root = read("b: 1\na: [x, 'y z']\nc: {d: }\n");
  REQUIRE(root.kind == YamlNode::Kind::map);
  REQUIRE(root.entries.size() == 3);
  CHECK(root.entries.front().key == "b");
  CHECK(root.entries.front().value.text == "1");
  const YamlNode& list = *root.find("a");
  CHECK(list.kind == YamlNode::Kind::sequence);
  CHECK(list.items[1].text == "y z");
  CHECK(list.items[1].place.line == 2);
  CHECK(list.items[1].place.column == 8);
  CHECK(list.place.file.ends_with("a.yaml"));
  const YamlNode& nothing = *root.find("c")->find("d");
  CHECK(nothing.kind == YamlNode::Kind::null);
  CHECK(nothing.place.column == 5);  // That of its key: the value has no place.
  CHECK(root.find("none") == nullptr);
}

TEST_CASE("yaml node: input that only YAML allows is noted, and the rest is read") {
  std::vector<Diagnostic> diagnostics;
  const YamlNode root =
      read("a: 1\na: 2\n? [x]\n: 1\n<<: {b: 1}\nc: !t 3\nd: \"\\e\"\n", diagnostics);
  CHECK(messages(diagnostics) ==
        Messages{"2:1 key 'a' appears twice, first in line 1", "3:3 a key must be a text",
                 "5:1 maps can't be merged ('<<'): write the keys out",
                 "6:4 tag '!t' has no meaning here", "7:4 control character 0x1b in a text"});
  CHECK(root.find("a")->text == "1");
  CHECK(root.find("c")->text == "3");
  CHECK(root.incomplete);
}

TEST_CASE("yaml node: input that is not a YAML map") {
  CHECK(wrong("") == Messages{"0:0 is empty, expected a YAML map"});
  CHECK(wrong("- a\n") == Messages{"1:1 expected a map, got a list"});
  CHECK(wrong("text\n") == Messages{"1:1 expected a map, got 'text'"});
  CHECK(wrong("a: [b\n") == Messages{"2:1 not YAML: a '[' before here is not closed"});
  CHECK(wrong("a:\n\tb: 1\n") == Messages{"2:1 not YAML: indented by a tab, expected blanks"});
  CHECK(wrong("a: 1\n---\nb: 1\n") == Messages{"3:1 a second YAML document begins, expected one"});
  CHECK(wrong("a: \xe9\n") == Messages{"1:4 byte 0xe9 is not UTF-8 text, expected YAML"});
  CHECK(wrong("a: " + std::string(200, '[') + std::string(200, ']'))
            .front()
            .ends_with("maps and lists are nested too deeply"));
  CHECK(wrong("a: &x [*x]\n").front().ends_with("maps and lists are nested too deeply"));
}

TEST_CASE("yaml node: files that can't be read") {
  std::vector<Diagnostic> none;
  const TemporaryFolder folder;
  CHECK(messages_of([&] { read_yaml((folder.path() / "none").string(), none); }) ==
        Messages{"0:0 does not exist"});
  CHECK(messages_of([&] { read_yaml(folder.path().string(), none); }) ==
        Messages{"0:0 is a directory, expected a YAML file"});
  CHECK(messages_of([&] {
          read_yaml(folder.write("large", std::string((1 << 20) + 1, ' ')), none);
        }) == Messages{"0:0 is larger than 1 MiB, expected a YAML file"});
}

TEST_CASE("yaml node: set_path replaces a value, and adds maps on the way") {
  YamlNode root = read("a: {b: 1, c: 2}\n");
  const Place place{"--set"};
  set_path(root, {"a", "b"}, "[x, y]", place);
  CHECK(root.find("a")->find("b")->items.size() == 2);
  CHECK(root.find("a")->find("b")->place.file == "--set");
  CHECK(root.find("a")->find("c")->text == "2");
  set_path(root, {"d", "e.f"}, "3", place);
  CHECK(root.find("d")->find("e.f")->text == "3");

  CHECK(messages_of([&] {
          set_path(root, {"a", "c", "x"}, "1", place);
        }) == Messages{"0:0 'a.c' is '2', it has no 'x'"});
  CHECK(messages_of([&] {
          set_path(root, {"a", ""}, "1", place);
        }) == Messages{"0:0 'a.' is not a path such as tiers.device.count"});
  CHECK(messages_of([&] { set_path(root, {"a"}, "{b", place); }) ==
        Messages{"0:0 not YAML: a '{' before here is not closed"});
}

TEST_CASE("yaml node: written YAML reads the same") {
  const std::string text = "a: {b: 1, c: [x, 'y: z', '']}\nd: \nname: 'a \"b\", #c'\n";
  const YamlNode root = read(text);
  const YamlNode again = read(to_yaml(root));
  CHECK(to_yaml(again) == to_yaml(root));
  CHECK(again.find("a")->find("c")->items[1].text == "y: z");
  CHECK(again.find("d")->kind == YamlNode::Kind::null);
  CHECK(again.find("name")->text == "a \"b\", #c");
}

TEST_CASE("yaml node: in words") {
  CHECK(describe(YamlNode::scalar("x")) == "'x'");
  CHECK(describe(YamlNode()) == "nothing");
  CHECK(describe({.kind = YamlNode::Kind::sequence}) == "a list");
  CHECK(describe({.kind = YamlNode::Kind::map}) == "a map");
}

}  // namespace offcut::scenario::yaml_node_test
