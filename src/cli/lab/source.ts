import { basename, extname } from "node:path";
import { existsSync } from "node:fs";
import { sha256 } from "@noble/hashes/sha2.js";
import { readResults } from "../../../bench/read-results.ts";
import { costsFrom } from "../../../bench/measured-costs.ts";
import { ExperimentError, readExperiment, type Sourced } from "../../lab/experiment/read.ts";
import { studies } from "../../lab/experiment/presets.ts";
import {
  type Experiment,
  type Parts,
  resolveExperiment,
  studyOf,
} from "../../lab/experiment/resolve.ts";
import { certificateCompressors } from "../../transport/node/compression.ts";
import { CertificateCompressionAlgorithm } from "../../registry/index.ts";
import { toHex, utf8 } from "../../wire/index.ts";
import { UsageError } from "../errors.ts";
import { readAs, readText } from "../options.ts";

/** An experiment as a command was given it. */
export interface Given {
  readonly experiment: Experiment;
  /** For folders and files: of the file, or of the study. */
  readonly title: string;
  /** The digest of the benchmark that stands for measured times. */
  readonly measured?: string;
}

export interface Changes {
  readonly repetitions?: number;
  readonly seed?: string;
  readonly quick?: true;
  readonly measured?: string;
}

/** Enough for a first look. */
const quickRepetitions = 200;

/** @throws UsageError that names the file and the place in it */
export function readGiven(pathOrStudy: string, changes: Changes = {}): Given {
  const parts: Parts = {
    compressors: Object.fromEntries(
      (["zlib", "brotli"] as const).flatMap((name) => {
        const code = CertificateCompressionAlgorithm[name];
        const found = certificateCompressors.find(({ algorithm }) => algorithm === code);
        return found === undefined ? [] : [[name, found]];
      }),
    ),
    ...(changes.measured !== undefined && {
      measured: readAs(changes.measured, "results of a benchmark", (text) =>
        costsFrom(readResults(text)),
      ),
    }),
  };
  const isStudy = Object.hasOwn(studies, pathOrStudy) && !existsSync(pathOrStudy);
  try {
    const source = isStudy ? studyOf(pathOrStudy) : readExperiment(readText(pathOrStudy));
    const experiment = resolveExperiment(changed(source, changes), parts);
    return {
      experiment,
      title: isStudy ? pathOrStudy : basename(pathOrStudy, extname(pathOrStudy)),
      ...(changes.measured !== undefined && {
        measured: toHex(sha256(utf8(readText(changes.measured)))),
      }),
    };
  } catch (error) {
    if (error instanceof ExperimentError) throw new UsageError(`${pathOrStudy}: ${error.message}`);
    throw error;
  }
}

function changed({ file, fail }: Sourced, { repetitions, seed, quick }: Changes): Sourced {
  const asked = repetitions ?? file.repetitions;
  return {
    fail,
    file: {
      ...file,
      ...(seed !== undefined && { seed }),
      ...(repetitions !== undefined && { repetitions }),
      ...(quick && { repetitions: Math.min(asked ?? quickRepetitions, quickRepetitions) }),
    },
  };
}
