#include "partition/accuracy_table.h"

namespace offcut::partition {

void AccuracyTable::add(CodecOf codecs, double loss) {
  std::set<std::string> tensors;
  for (const auto& [tensor, codec] : codecs) {
    tensors.insert(tensor);
  }
  by_tensors_[std::move(tensors)][std::move(codecs)] = loss;
}

std::vector<AccuracyTable::Entry> AccuracyTable::at(const std::set<std::string>& tensors) const {
  std::vector<Entry> entries;
  if (const auto found = by_tensors_.find(tensors); found != by_tensors_.end()) {
    for (const auto& [codecs, loss] : found->second) {
      entries.push_back({codecs, loss});
    }
  }
  return entries;
}

}  // namespace offcut::partition
