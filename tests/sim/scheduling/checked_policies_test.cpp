// Policies with invalid answers, and the errors that their users get.

#include "sim/scheduling/checked_policies.h"

#include <doctest/doctest.h>

#include <limits>
#include <stdexcept>

namespace offcut::scheduling::checked_policies_test {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Policies that answer with a parameter, and throw if it is not given.

class GivenKey : public QueueDiscipline {
 public:
  explicit GivenKey(const Parameters& parameters) : parameters_(parameters) {}
  double key(const Job&) override { return parameters_.at("key"); }
  void served(const Job&, double) override { throw std::runtime_error("served in vain"); }

 private:
  Parameters parameters_;
};

class GivenBatch : public Batching {
 public:
  explicit GivenBatch(const Parameters& parameters) : parameters_(parameters) {}
  BatchDecision decide(std::size_t, Seconds, Seconds) override {
    return {.take = static_cast<std::size_t>(parameters_.at("take")),
            .again = Seconds(parameters_.at("again"))};
  }
  void finished(std::size_t, Seconds) override { throw std::runtime_error("finished in vain"); }

 private:
  Parameters parameters_;
};

class GivenServer : public Dispatch {
 public:
  explicit GivenServer(const Parameters& parameters) : parameters_(parameters) {}
  std::size_t choose(std::span<const ServerState>, const Job&, Seconds, RandomStream&) override {
    return static_cast<std::size_t>(parameters_.at("server"));
  }

 private:
  Parameters parameters_;
};

class AdmitsNobody : public Admission {
 public:
  bool admits(const ServerState&, const Job&, Seconds) override {
    throw std::runtime_error("no opinion");
  }
};

template <class Policy, class Base>
std::unique_ptr<Base> make_of(const Parameters& parameters) {
  return std::make_unique<Policy>(parameters);
}

const QueueKind kQueue{.name = "mine", .make = make_of<GivenKey, QueueDiscipline>};
const BatchingKind kBatching{
    .name = "mine", .make = make_of<GivenBatch, Batching>, .most = [](const Parameters& p) {
      return static_cast<std::size_t>(p.at("most"));
    }};
const DispatchKind kDispatch{.name = "mine", .make = make_of<GivenServer, Dispatch>};
const AdmissionKind kAdmission{.name = "mine",
                               .make = [](const Parameters&) -> std::unique_ptr<Admission> {
                                 return std::make_unique<AdmitsNobody>();
                               }};

Parameters given(std::initializer_list<std::pair<const char*, double>> values) {
  Parameters parameters;
  for (const auto& [name, value] : values) {
    parameters.set(name, value);
  }
  return parameters;
}

/// Returns the message of the InputError that the call throws; empty if it throws none.
template <class Call>
std::string refusal(Call call) {
  try {
    call();
    return "";
  } catch (const InputError& error) {
    return error.what();
  }
}

/// Decides about 4 requests at the time 2.
std::string decide(std::initializer_list<std::pair<const char*, double>> values) {
  const Choice<BatchingKind> choice{&kBatching, given(values)};
  const CheckedBatching batching(choice);
  return refusal([&] { batching.decide(4, Seconds(1), Seconds(2)); });
}

/// Chooses one of three servers, of which the one in the middle is down.
std::string choose(double server) {
  const Choice<DispatchKind> choice{&kDispatch, given({{"server", server}})};
  const CheckedDispatch dispatch(choice);
  const std::vector<ServerState> servers = {{}, {.is_up = false}, {}};
  RandomStream stream = random_stream(1, "any");
  return refusal([&] {
    const std::size_t chosen = dispatch.choose(servers, {}, Seconds(0), stream);
    CHECK(chosen == server);
  });
}

}  // namespace

TEST_CASE("checked policies: a queue's key is a number") {
  const auto key = [](double value) {
    const Choice<QueueKind> choice{&kQueue, given({{"key", value}})};
    const CheckedQueue queue(choice);
    return refusal([&] {
      const double answer = queue.key({.request = 7});
      CHECK(answer == value);
    });
  };
  CHECK(key(-3).empty());
  CHECK(key(kInfinity).empty());
  CHECK(key(std::nan("")) ==
        "offcut: error: queue 'mine' gave request 7 the key nan; expected a number, which may be "
        "infinite");
}

TEST_CASE("checked policies: a batch holds requests that wait, and no more than the largest") {
  const std::string took = "offcut: error: batching policy 'mine' took ";
  CHECK(decide({{"most", 8}, {"take", 4}, {"again", 0}}).empty());
  CHECK(decide({{"most", 8}, {"take", 5}, {"again", 0}}) ==
        took + "5 of 4 waiting requests, with batches of up to 8; expected 0 to 4");
  CHECK(decide({{"most", 2}, {"take", 2}, {"again", 0}}).empty());
  CHECK(decide({{"most", 2}, {"take", 3}, {"again", 0}}) ==
        took + "3 of 4 waiting requests, with batches of up to 2; expected 0 to 2");
}

TEST_CASE("checked policies: a server that waits for a batch decides again later") {
  const auto wait = [](double again) {
    return decide({{"most", 8}, {"take", 0}, {"again", again}});
  };
  const std::string decided = "offcut: error: batching policy 'mine' decided at 2 s to wait, and ";
  CHECK(wait(2.5).empty());
  CHECK(wait(kInfinity).empty());
  CHECK(wait(2) == decided + "to decide again at 2 s; expected a later time, or infinity");
  CHECK(wait(std::nan("")) ==
        decided + "to decide again at nan s; expected a later time, or infinity");
}

TEST_CASE("checked policies: the largest batch is a size that fits") {
  const auto largest = [](double most) {
    const Choice<BatchingKind> choice{&kBatching, given({{"most", most}})};
    return refusal([&] {
      const CheckedBatching batching(choice);
      CHECK(batching.largest() == most);
    });
  };
  CHECK(largest(1).empty());
  CHECK(largest(65'536).empty());
  CHECK(largest(0) ==
        "offcut: error: batching policy 'mine' takes batches of up to 0 requests; expected 1 to "
        "65536");
  CHECK(largest(65'537) ==
        "offcut: error: batching policy 'mine' takes batches of up to 65537 requests; expected 1 "
        "to 65536");
}

TEST_CASE("checked policies: dispatch chooses a server that exists and is up") {
  CHECK(choose(0).empty());
  CHECK(choose(2).empty());
  CHECK(choose(3) == "offcut: error: dispatch rule 'mine' chose server 3; expected 0 to 2");
  CHECK(choose(1e18) ==
        "offcut: error: dispatch rule 'mine' chose server 1000000000000000000; expected 0 to 2");
  CHECK(choose(1) ==
        "offcut: error: dispatch rule 'mine' chose server 1, which is down; expected one of those "
        "that are up: 0, 2");
}

TEST_CASE("checked policies: an exception of any call names the policy") {
  const std::string thrown = " 'mine' threw an exception: ";
  const Choice<QueueKind> queue_choice{&kQueue, {}};
  const CheckedQueue queue(queue_choice);
  CHECK(refusal([&] { queue.key({}); }).find("queue" + thrown) != std::string::npos);
  CHECK(refusal([&] { queue.served({}, 0); }) ==
        "offcut: error: queue" + thrown + "served in vain");

  CHECK(decide({{"most", 8}}).find("batching policy" + thrown) != std::string::npos);
  const Choice<BatchingKind> batching_choice{&kBatching, given({{"most", 8}})};
  const CheckedBatching batching(batching_choice);
  CHECK(refusal([&] { batching.finished(1, Seconds(1)); }) ==
        "offcut: error: batching policy" + thrown + "finished in vain");
  const Choice<BatchingKind> no_most{&kBatching, {}};
  CHECK(refusal([&] { CheckedBatching{no_most}; }).find("batching policy" + thrown) !=
        std::string::npos);

  const Choice<DispatchKind> dispatch_choice{&kDispatch, {}};
  const CheckedDispatch dispatch(dispatch_choice);
  const std::vector<ServerState> servers(2);
  RandomStream stream = random_stream(1, "any");
  CHECK(refusal([&] {
          dispatch.choose(servers, {}, Seconds(0), stream);
        }).find("dispatch rule" + thrown) != std::string::npos);

  const Choice<AdmissionKind> admission_choice{&kAdmission, {}};
  const CheckedAdmission admission(admission_choice);
  CHECK(refusal([&] { admission.admits({}, {}, Seconds(0)); }) ==
        "offcut: error: admission rule" + thrown + "no opinion");
}

TEST_CASE("checked policies: an autoscaling policy that throws is named") {
  class Undecided : public Autoscaling {
   public:
    std::size_t desired(const SiteLoad&, Seconds) override { throw std::runtime_error("too hot"); }
  };
  const AutoscalingKind kind{.name = "mine",
                             .make = [](const Parameters&) -> std::unique_ptr<Autoscaling> {
                               return std::make_unique<Undecided>();
                             }};
  const Choice<AutoscalingKind> choice{&kind, {}, {"fleet.yaml", 7, 3}};
  const CheckedAutoscaling autoscaling(choice);
  CHECK(refusal([&] { autoscaling.desired({}, Seconds(0)); }) ==
        "fleet.yaml:7:3: error: autoscaling policy 'mine' threw an exception: too hot");
}

TEST_CASE("checked policies: a policy that can't be made is refused") {
  const DispatchKind no_make{.name = "mine"};
  const Choice<DispatchKind> without{&no_make, {}};
  CHECK(refusal([&] { CheckedDispatch{without}; }) ==
        "offcut: error: dispatch rule 'mine' has no function that makes it");
  const DispatchKind null{.name = "mine",
                          .make = [](const Parameters&) { return std::unique_ptr<Dispatch>(); }};
  const Choice<DispatchKind> makes_null{&null, {}};
  CHECK(refusal([&] { CheckedDispatch{makes_null}; }) ==
        "offcut: error: dispatch rule 'mine' was made as a null pointer");
  const DispatchKind throws{.name = "mine",
                            .make = [](const Parameters& p) -> std::unique_ptr<Dispatch> {
                              return std::make_unique<GivenServer>(given({{"", p.at("round")}}));
                            }};
  const Choice<DispatchKind> makes_error{&throws, {}};
  CHECK(refusal([&] {
          CheckedDispatch{makes_error};
        }).find("dispatch rule 'mine' threw an exception: ") != std::string::npos);
}

TEST_CASE("checked policies: an error stands at the place where the policy was chosen") {
  const Choice<DispatchKind> choice{&kDispatch, given({{"server", 9}}), {"fleet.yaml", 12, 5}};
  const CheckedDispatch dispatch(choice);
  const std::vector<ServerState> servers(2);
  RandomStream stream = random_stream(1, "any");
  CHECK(refusal([&] { dispatch.choose(servers, {}, Seconds(0), stream); }) ==
        "fleet.yaml:12:5: error: dispatch rule 'mine' chose server 9; expected 0 to 1");
}

}  // namespace offcut::scheduling::checked_policies_test
