#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/catalogue.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/schema/value_schema.h"

namespace offcut::scenario {

/// The names that keys of a document take, from the registries and the catalogue.
class NamesOfKeys {
 public:
  /// `document` is the table of the whole document. All arguments must outlive the object.
  NamesOfKeys(const KeyTable& document, const Registries& registries, const Catalogue& catalogue);

  /// Returns the names of a key; none if only the document itself defines them.
  std::vector<std::string> names(const KeySpec& spec) const;
  /// Returns the names of a registry, or of the catalogue.
  std::vector<std::string> entries(std::string_view registry) const;
  /// Returns the schema of a name. Names of the catalogue are only suggestions, since the document
  /// may define others.
  Json schema(const KeySpec& spec) const;
  /// Returns the schema of a name of a document that defines none.
  Json schema_of_known(const KeySpec& spec) const;

 private:
  struct Described;

  void collect_words(const KeyTable& map);
  void add_entries(std::string_view registry, Described& names) const;
  Described described(const KeySpec& spec) const;

  const Registries& registries_;
  const Catalogue& catalogue_;
  /// The words for having no entry of a registry, which are the defaults of keys.
  std::map<std::string_view, std::set<std::string>> words_;
  std::set<const KeyTable*> collected_;
};

}  // namespace offcut::scenario
