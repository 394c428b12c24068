// Opens the journal of a sweep, keeps those of its runs that still belong to it, and has the rest
// done. An edited sweep gets a new journal, which replaces the old one once the kept runs are in
// it.

#include "sim/study/sweep/sweep_run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <unordered_map>

#include "models/base/csv_rows.h"
#include "models/base/error.h"

namespace offcut::study {
namespace {

namespace fs = std::filesystem;

JournalHead head_of(const SweepWork& work, const SweepRunOptions& options) {
  const Sweep& sweep = work.sweep();
  JournalHead head{.sweep = work.sweep_hash(),
                   .program = fmt::format("{} {}", work.program().version, work.program().commit),
                   .before = work.names_before(),
                   .figures = SweepWork::figure_names(),
                   .is_text = SweepWork::figures_are_texts(),
                   .after = SweepWork::names_after(),
                   .parameters = sweep.parameters().size(),
                   .points = sweep.point_count(),
                   .replications = sweep.replications,
                   .most_replications = sweep.most_replications(),
                   .confidence = sweep.confidence,
                   .chosen = sweep.figures.empty() ? usual_figures() : sweep.figures,
                   .shard = options.shard,
                   .shards = options.shards,
                   .name = sweep.name};
  for (const Variant& variant : sweep.variants) {
    head.variants.push_back(variant.name);
  }
  return head;
}

/// Returns the number of runs that the journal's sweep has at least.
std::size_t least_runs(const JournalHead& head) {
  const std::size_t points =
      head.points / head.shards + (head.points % head.shards > head.shard ? 1 : 0);
  return points * head.variants.size() * head.replications;
}

/// Writes a new journal with those runs of the old one that the sweep has, by the hashes of their
/// settings.
KeptRuns carry_over(const SweepWork& work, const JournalHead& head, const JournalReader& old,
                    const fs::path& path) {
  KeptRuns kept;
  if (old.head().program != head.program) {
    kept.other_program = old.head().program;
  }
  std::unordered_map<std::uint64_t, const JournalEntry*> by_settings;
  for (const JournalEntry& entry : old.entries()) {
    if (!entry.has_failed) {
      by_settings.emplace(entry.settings, &entry);
    }
  }
  const fs::path fresh = path.string() + ".new";
  {
    Journal journal(fresh, head);
    const Sweep& sweep = work.sweep();
    for (std::size_t point = head.shard; point < head.points; point += head.shards) {
      for (std::size_t variant = 0; variant < sweep.variants.size(); ++variant) {
        for (std::size_t i = 0; i < sweep.most_replications(); ++i) {
          const Job job{.point = point, .variant = variant, .replication = i};
          const auto found = by_settings.find(work.hash_of(job));
          if (found == by_settings.end()) {
            break;  // Replications come in order; one that failed is done again.
          }
          FinishedJob finished = old.read(*found->second);
          finished.number = sweep.number_of(job);
          finished.before = work.before(job);
          finished.after = work.after(job, "");
          journal.add(finished);
          by_settings.erase(found);
          ++kept.kept;
        }
      }
    }
  }
  fs::rename(fresh, path);
  for (const auto& [settings, entry] : by_settings) {
    kept.dropped.push_back(csv_fields(old.read(*entry).after).back());
  }
  std::sort(kept.dropped.begin(), kept.dropped.end());
  return kept;
}

/// A journal that is open for new runs, and those that it had before.
struct OpenJournal {
  std::unique_ptr<JournalReader> kept;
  std::unique_ptr<Journal> journal;
  KeptRuns earlier;
};

OpenJournal open_journal(const SweepWork& work, const JournalHead& head,
                         const SweepRunOptions& options) {
  const fs::path path = options.folder / kJournalFile;
  OpenJournal open;
  if (!fs::exists(path) || options.earlier == Earlier::restart) {
    open.journal = std::make_unique<Journal>(path, head);
    return open;
  }
  auto old = std::make_unique<JournalReader>(path);
  if (options.earlier == Earlier::refuse) {
    if (!old->has_ended()) {
      throw InputError(
          {path.string()},
          fmt::format("holds {} of {} runs of an unfinished sweep; expected --resume to "
                      "go on, or --restart to begin again",
                      old->entries().size(), least_runs(old->head())));
    }
    open.journal = std::make_unique<Journal>(path, head);
    return open;
  }
  const JournalHead& was = old->head();
  if (was.shard != head.shard || was.shards != head.shards) {
    throw InputError({path.string()},
                     fmt::format("holds shard {}/{}; expected the same --shard, or another --out",
                                 was.shard + 1, was.shards));
  }
  if (was.sweep == head.sweep && was.figures == head.figures && was.chosen == head.chosen &&
      was.confidence == head.confidence) {
    for (const JournalEntry& entry : old->entries()) {
      open.earlier.kept += entry.has_failed ? 0 : 1;
    }
  } else {
    open.earlier = carry_over(work, head, *old, path);
    old = std::make_unique<JournalReader>(path);
  }
  open.journal = std::make_unique<Journal>(path);
  open.kept = std::move(old);
  return open;
}

}  // namespace

SweepEnd run_sweep(const SweepWork& work, const WorkOff& work_off, const SweepRunOptions& options) {
  const JournalHead head = head_of(work, options);
  OpenJournal open = open_journal(work, head, options);
  SweepBoard board(work, head, *open.journal, open.kept.get());
  board.on_progress = options.progress;
  board.on_failure = options.failure;
  work_off(board);
  open.journal->end();
  return {.earlier = std::move(open.earlier),
          .finished = board.finished_count(),
          .failed = board.failed_count()};
}

void check_shards(const std::vector<const JournalReader*>& journals,
                  const std::vector<std::string>& names, std::vector<Diagnostic>& diagnostics) {
  const JournalHead& first = journals.front()->head();
  std::set<std::size_t> missing;  // Shards, from 1.
  for (std::size_t shard = 1; shard <= first.shards; ++shard) {
    missing.insert(shard);
  }
  for (std::size_t i = 0; i < journals.size(); ++i) {
    const JournalHead& head = journals[i]->head();
    if (head.sweep != first.sweep || head.figures != first.figures || head.shards != first.shards) {
      diagnostics.push_back({{names[i]}, fmt::format("is of another sweep than {}", names[0])});
    } else if (!journals[i]->has_ended()) {
      diagnostics.push_back({{names[i]}, "is not finished; expected --resume to go on"});
    }
    missing.erase(head.shard + 1);
  }
  if (diagnostics.empty() && !missing.empty()) {
    diagnostics.push_back({{names.front()},
                           fmt::format("expected all of {} shards; missing: {}", first.shards,
                                       fmt::join(missing, ", "))});
  }
}

}  // namespace offcut::study
