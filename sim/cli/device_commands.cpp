// The options of the commands that measure, fit and predict devices.

#include "sim/cli/command_line.h"
#include "sim/cli/common_options.h"
#include "sim/cli/offers.h"

namespace offcut::cli {

void CommandLine::add_profile() {
  CLI::App* command = add_command(
      "profile", "Measure each layer of models on this machine, and write the times as CSV",
      "With one thread, times are CPU time, which other work on the machine disturbs less. Several "
      "models take turns, round by round, so that all suffer the same disturbances; all are in "
      "memory. The time of a fused kernel is split among its layers in proportion to their MACs.\n"
      "A scenario takes the file with tiers: {device: {profile: resnet50.csv}}.\n\n"
      "Example: offcut profile zoo:resnet50 --out resnet50.csv\n"
      "         offcut profile zoo:resnet18 zoo:vgg16 zoo:mobilenet-v2 --out device.csv\n"
      "         offcut profile zoo:resnet50 --from onnxruntime.json --out theirs.csv",
      [this](const auto& registries) {
        return profile_.from.empty() ? cli::profile(profile_, registries)
                                     : cli::import_profile(profile_, registries);
      });
  command->add_option("MODEL", profile_.models, kMathModel)->required();
  add_bind(command, profile_.bind);
  add_fix(command, profile_.fix);
  const std::vector<CLI::Option*> measured = {
      command->add_option("--threads", profile_.threads, "Threads of the fast engine")
          ->type_name("N"),
      add_text(command, "--batch", profile_.batch, "N[,N]", "Batch sizes, as in 1,2,4,8"),
      offer_choices(
          add_text(command, "--engine", profile_.engine, "NAME", "fast or reference"), kEngines),
      command
          ->add_option("--rounds", profile_.rounds,
                       "Measure each layer N times; its time is the median")
          ->type_name("N"),
      add_text(command, "--pause", profile_.pause, "TIME",
               "Wait before each run, as in '250 ms': caches are then cold, as between requests"),
      command
          ->add_option("--tolerance", profile_.tolerance,
                       "The layers must add up to the whole run within this many percent; until "
                       "they do, there are further rounds")
          ->type_name("PERCENT")};
  CLI::Option* from =
      add_text(command, "--from", profile_.from, "FILE",
               "Measure nothing, but read another tool's profile: ONNX Runtime's (JSON), "
               "TensorRT's (trtexec --exportProfile, JSON) or TFLite's (benchmark_model "
               "--enable_op_profiling, CSV). Excludes the options above but --bind and --fix");
  for (CLI::Option* option : measured) {
    option->capture_default_str();
    option->excludes(from);
  }
  add_text(command, "--out", profile_.out, "FILE", "The CSV file to write")->required();
  add_max_memory(command);
  add_quiet(command);
}

void CommandLine::add_fit() {
  CLI::App* command = add_command(
      "fit", "Fit a device to measured models, to predict any other model",
      "Prints how well each model is predicted from the others. A scenario takes a "
      "device that was fitted to profiles with tiers: {device: {fitted: device.yaml}}, "
      "and one that was fitted to latencies with devices: device.yaml.\n\n"
      "Example: offcut fit device.csv --out device.yaml\n"
      "         offcut fit --latencies mine.csv --out mine.yaml",
      [this](const auto& registries) {
        return fit_.latencies.empty() ? cli::fit(fit_) : cli::fit_latencies(fit_, registries);
      });
  CLI::Option* profiles = offer_files(
      command->add_option("FILE", fit_.profiles, "Files of offcut profile, from one device"),
      {".csv"});
  CLI::Option* latencies =
      add_text(command, "--latencies", fit_.latencies, "FILE",
               "Latencies of whole networks in place of profiles: a CSV file with the columns "
               "network (of the zoo, or an ONNX file) and latency_s, and maybe batch and "
               "precision. Excludes FILE")
          ->excludes(profiles);
  add_bind(command, fit_.bind);
  offer_list(
      add_text(command, "--like", fit_.like, "NAME",
               "The family of devices from which a fit to latencies starts: cpu, gpu, pytorch, "
               "caffe, or a fitted device of the catalogue (default: the most likely family)"),
      "devices")
      ->needs(latencies);
  add_text(command, "--out", fit_.out, "FILE", "The device to write (YAML)")->required();
  add_quiet(command);
}

void CommandLine::add_predict() {
  CLI::App* command =
      add_command("predict", "Predict the latency of models on a device of the catalogue",
                  "Example: offcut predict zoo:resnet50 --on h100 --precision fp16 --batch 1,8,64",
                  [this](const auto& registries) { return cli::predict(predict_, registries); });
  command->add_option("MODEL", predict_.models, "zoo:NAME or ONNX files")->required();
  add_bind(command, predict_.bind);
  add_text(command, "--on", predict_.device, "DEVICE", "One of `offcut list devices`")->required();
  add_text(command, "--precision", predict_.precision, "NAME,...",
           "Precisions of the device (default: all)");
  add_text(command, "--runtime", predict_.runtime, "NAME,...",
           "Runtimes of the device (default: all)");
  add_text(command, "--batch", predict_.batch, "N,...", "Inputs of a call")->capture_default_str();
  add_text(command, "--out", predict_.out, "FILE", "Write the latencies (CSV)");
  add_text(command, "--layers", predict_.layers, "FILE",
           "Write the kernels of the last model on the device (CSV)");
  add_quiet(command);
}

}  // namespace offcut::cli
