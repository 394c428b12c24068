#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "sim/training/client_pool.h"
#include "sim/training/client_runs.h"
#include "sim/training/loading.h"
#include "sim/training/round_books.h"
#include "sim/training/update_codec.h"
#include "sim/training/work_time.h"

namespace offcut::training {

/// The state of a running job that the parts of a strategy share.
struct RunParts {
  explicit RunParts(const Job& the_job);

  Job job;
  TaskBook book;
  ClientRuns runs;
  UpdateCodec codec;
  RoundBooks books;

  Bytes state_bytes() const { return job.trainer->layout().bytes(); }
  Machine machine(std::size_t device, std::size_t level) const;
  /// Adds updates to a server's state on its machine, one after the other: each reads and writes
  /// the weights once, as the update of a training step does. A machine that is down delays it.
  void update_server(std::size_t device, std::size_t level, std::size_t updates,
                     std::function<void()> then);
  /// Returns the time of one such update.
  Seconds time_of_update(std::size_t device, std::size_t level) const;
};

/// A training is stuck, and ends, if so many tasks failed, and so many more for each device, since
/// it last came on: see TaskBook::futile(). Devices that come and go may never stay as long as a
/// message takes.
inline constexpr std::int64_t kMostFutile = 1000;
inline constexpr std::int64_t kMostFutileOfDevice = 100;

/// The common part of all strategies: loading, the stop rule, judgements, the end of rounds.
///
/// A strategy begins with start(), after loading. It opens rounds and finishes them; after its last
/// round no call reaches it any more.
class JobRun : public Strategy {
 public:
  /// Throws InputError if the job lacks what every strategy needs.
  explicit JobRun(const Job& job);

  void begins(engine::Tasks& tasks) final;
  void ended(const engine::TaskReport& report) final;
  void woken(std::size_t token) final;
  void sent(std::size_t token, Bytes bytes) final;
  double done() const final;
  TrainingRecord close(Seconds end) override;

 protected:
  virtual void start() = 0;
  /// Returns the state that is judged, and written at the end.
  virtual SharedState state() = 0;
  /// Data that the strategy brings to other places than the clients replaces the loading.
  virtual void load_data(std::function<void(std::vector<LoadingRecord>)> then);

  /// Judges a state: on the test samples, or else on those of the training.
  virtual train::Judgement judgement(const State& at);
  /// Returns whether the samples have classes: a regression has no accuracy.
  bool has_classes() const { return !job().training->labels.absent(); }

  RunParts& parts() { return parts_; }
  const Job& job() const { return parts_.job; }
  TaskBook& book() { return parts_.book; }
  const std::vector<std::size_t>& clients() const { return clients_; }  // That have samples.
  /// Returns the level of the server on all clients' ways. Throws InputError if there is none.
  std::size_t server_level() const { return server_level_; }
  std::size_t per_round() const;  // Clients of a round: the fraction, at least one.

  std::int64_t round() const { return round_; }  // That is open, or the last one.
  Seconds start_of_round() const { return open_.value().start; }
  void open_round();
  /// Ends the round now, with the parts of the present way. Returns whether another one follows.
  bool finish_round(double loss);

 private:
  bool judge(RoundRecord& round);
  void conclude(TrainingRecord::End end);

  RunParts parts_;
  std::vector<std::size_t> clients_;
  std::size_t server_level_ = 0;
  TrainingRecord record_;
  bool is_over_ = false;
  std::int64_t round_ = 0;
  std::optional<RoundRecord> open_;
  SharedState judged_;
  train::Judgement judgement_;
};

/// Returns the level of the job's server on the device's way. Throws InputError if the way is too
/// short. `Places` are Tasks or System.
std::size_t level_of_server(const Job& job, std::size_t levels);

/// Returns the number of clients of a round.
std::size_t clients_per_round(const Job& job, std::size_t clients);

/// Throws InputError if the job lacks a part, or a setting is out of its range.
void check_job(const Job& job);

/// Throws InputError if the job changes one of the settings `unread`, which its strategy does not
/// read: "fraction: REASON". It knows those that some strategy does not read: local-epochs,
/// fraction, over-selection, deadline and partial-work.
void refuse_settings(const Job& job, std::initializer_list<std::string_view> unread,
                     std::string_view reason);

}  // namespace offcut::training
