import { basename, extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { existsSync } from "node:fs";
import { sha256 } from "@noble/hashes/sha2.js";
import { readResults } from "../../../bench/read-results.ts";
import { costsFrom } from "../../../bench/measured-costs.ts";
import {
  type Experiment,
  ExperimentError,
  type ExperimentFile,
  type Parts,
  readExperiment,
  resolveExperiment,
  type Sourced,
  studies,
  studyOf,
} from "../../lab/experiment/index.ts";
import { certificateCompressors } from "../../transport/node/compression.ts";
import * as check from "../../registry/check.ts";
import { CertificateCompressionAlgorithm } from "../../registry/index.ts";
import { defineScheme, defineSuite, type Scheme, type Suite } from "../../crypto/index.ts";
import { defineGroup, type Group } from "../../groups/index.ts";
import { toHex, utf8 } from "../../wire/index.ts";
import { messageOf, UsageError } from "../errors.ts";
import { candidatesIn } from "./candidates.ts";
import { readAs, readText } from "../options.ts";

/** An experiment as a command was given it. */
export interface Given {
  readonly experiment: Experiment;
  /** As it was written, with what the command line changed. */
  readonly file: ExperimentFile;
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
  /** A module of the user's own. */
  readonly with?: string;
}

/** Enough for a first look. */
const quickRepetitions = 200;

/** @throws UsageError that names the file and the place in it */
export async function readGiven(pathOrStudy: string, changes: Changes = {}): Promise<Given> {
  const parts: Parts = {
    ...(changes.with !== undefined && (await ownParts(changes.with))),
    compressors: compressors(),
    ...(changes.measured !== undefined && {
      measured: readAs(changes.measured, "results of a benchmark", (text) =>
        costsFrom(readResults(text)),
      ),
    }),
  };
  const isFile = pathOrStudy === "-" || existsSync(pathOrStudy);
  const isStudy = !isFile && Object.hasOwn(studies, pathOrStudy);
  if (!isFile && !isStudy) {
    const advice = check.meant(pathOrStudy, studies) || "; kemistry lab list names the studies";
    throw new UsageError(`there is no file or study ${JSON.stringify(pathOrStudy)}${advice}`);
  }
  try {
    const source = isStudy ? studyOf(pathOrStudy) : readExperiment(notEmpty(pathOrStudy));
    const given = changed(source, changes);
    const candidates = await candidatesIn(given.file);
    return {
      experiment: resolveExperiment(given, {
        ...parts,
        groups: [...(parts.groups ?? []), ...(candidates.groups ?? [])],
        schemes: [...(parts.schemes ?? []), ...(candidates.schemes ?? [])],
      }),
      file: given.file,
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

/** What a file says. @throws UsageError for one that says nothing */
function notEmpty(path: string): string {
  const text = readText(path);
  if (text.trim() !== "") return text;
  throw new UsageError(`${path} is empty; kemistry lab init writes an experiment to begin with`);
}

/** Those of this version of Node. */
export const compressors = (): NonNullable<Parts["compressors"]> =>
  Object.fromEntries(
    (["zlib", "brotli"] as const).flatMap((name) => {
      const code = CertificateCompressionAlgorithm[name];
      const found = certificateCompressors.find(({ algorithm }) => algorithm === code);
      return found === undefined ? [] : [[name, found]];
    }),
  );

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

/** What a module exports by these names. @throws UsageError for one that has none of it, or cannot be loaded */
async function ownParts(path: string): Promise<Pick<Parts, "groups" | "suites" | "schemes">> {
  let module: Readonly<Record<string, unknown>>;
  try {
    module = (await import(pathToFileURL(resolve(path)).href)) as typeof module;
  } catch (error) {
    throw new UsageError(`cannot load ${path}: ${messageOf(error)}`);
  }
  const { groups, suites, schemes } = module;
  if (![groups, suites, schemes].some(Array.isArray)) {
    throw new UsageError(
      `${path}: expected export const groups = [ … ], suites or schemes, and found none`,
    );
  }
  return {
    ...(Array.isArray(groups) && { groups: groups.map((group: Group) => defineGroup(group)) }),
    ...(Array.isArray(suites) && { suites: suites.map((suite: Suite) => defineSuite(suite)) }),
    ...(Array.isArray(schemes) && {
      schemes: schemes.map((scheme: Scheme) => defineScheme(scheme)),
    }),
  };
}
