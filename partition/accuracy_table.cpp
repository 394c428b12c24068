#include "partition/accuracy_table.h"

namespace offcut::partition {

double Loss::value() const {
  if (!state_->value) {
    state_->value = state_->measure();
  }
  return *state_->value;
}

void AccuracyTable::add(CodecOf codecs, Loss loss) {
  std::set<std::string> tensors;
  for (const auto& [tensor, codec] : codecs) {
    tensors.insert(tensor);
  }
  by_tensors_[std::move(tensors)].insert_or_assign(std::move(codecs), std::move(loss));
}

void AccuracyTable::add_uncoded(std::set<std::string> tensors, Loss loss) {
  uncoded_.insert_or_assign(std::move(tensors), std::move(loss));
}

std::optional<Loss> AccuracyTable::uncoded(const std::set<std::string>& tensors) const {
  if (uncoded_.empty()) {
    return Loss(0);
  }
  const auto found = uncoded_.find(tensors);
  return found == uncoded_.end() ? std::nullopt : std::optional(found->second);
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
