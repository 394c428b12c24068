// Messages are texts that begin with a word: from rank 0 "job N" and "end"; to it "want", and
// "done" with the outcome, which also asks for another job.

#include "sim/study/sweep/ranks.h"

#include <fmt/format.h>

#include <deque>
#include <set>
#include <string_view>
#include <thread>

namespace offcut::study {
namespace {

constexpr std::string_view kWant = "want", kDone = "done ", kJob = "job ", kEnd = "end",
                           kReady = "ready", kError = "error ";
constexpr int kLeaderMilliseconds = 1;    // Between looks at messages: others wait for answers.
constexpr int kFollowerMilliseconds = 5;  // A job is always in stock.

RankMessage receive_one(RankChannel& channel) {
  while (true) {
    if (auto message = channel.receive()) {
      return std::move(*message);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace

bool all_are_ready(RankChannel& channel, const std::string& error, std::string& errors) {
  if (channel.rank() != 0) {
    channel.send(0, error.empty() ? std::string(kReady) : std::string(kError) + error);
    return receive_one(channel).text == kReady;
  }
  bool are_ready = error.empty();
  std::set<std::string> seen = {error};
  for (int i = 1; i < channel.size(); ++i) {
    const RankMessage message = receive_one(channel);
    if (message.text != kReady) {
      are_ready = false;
      const std::string other = message.text.substr(kError.size());
      if (seen.insert(other).second) {
        errors += fmt::format("{}rank {}: {}", errors.empty() ? "" : "\n", message.from, other);
      }
    }
  }
  for (int rank = 1; rank < channel.size(); ++rank) {
    channel.send(rank, std::string(are_ready ? kReady : kError));
  }
  return are_ready;
}

void lead_ranks(RankChannel& channel, JobSource& source, FarmProcess& farm, std::size_t parallel) {
  std::deque<int> waiting;  // Ranks, once for each job that they can take.
  std::size_t here = 0;     // Jobs in the own farm.
  while (source.expects_more()) {
    source.poll();
    while (auto message = channel.receive()) {
      if (message->text.starts_with(kDone)) {
        FarmProcess::Finished finished = finished_from(message->text.substr(kDone.size()));
        source.finished(finished.job, std::move(finished.outcome));
      }
      waiting.push_back(message->from);
    }
    // The own farm takes its turn after the others, which wait longer for a message.
    while (!waiting.empty()) {
      const auto job = source.next();
      if (!job) {
        break;
      }
      channel.send(waiting.front(), fmt::format("{}{}", kJob, *job));
      waiting.pop_front();
    }
    for (; here < parallel + 1; ++here) {
      const auto job = source.next();
      if (!job) {
        break;
      }
      farm.start(*job);
    }
    for (FarmProcess::Finished& finished : farm.wait(kLeaderMilliseconds)) {
      --here;
      source.finished(finished.job, std::move(finished.outcome));
    }
  }
  for (int rank = 1; rank < channel.size(); ++rank) {
    channel.send(rank, std::string(kEnd));
  }
}

void follow(RankChannel& channel, FarmProcess& farm, std::size_t parallel) {
  for (std::size_t i = 0; i < parallel + 1; ++i) {
    channel.send(0, std::string(kWant));
  }
  while (true) {
    while (auto message = channel.receive()) {
      if (message->text == kEnd) {
        return;
      }
      farm.start(std::stoull(message->text.substr(kJob.size())));
    }
    for (const FarmProcess::Finished& finished : farm.wait(kFollowerMilliseconds)) {
      channel.send(0, std::string(kDone) + to_text(finished.job, finished.outcome));
    }
  }
}

}  // namespace offcut::study
