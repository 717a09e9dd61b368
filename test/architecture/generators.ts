import { type Expression, parseSync, Visitor } from "oxc-parser";
import type { Tree } from "./arrows.ts";

/** Awaiting one of these without keeping the message would leave it out of the transcript. */
const mustBeUsed: readonly string[] = ["expect"];

/**
 * Finds calls of generator functions that do nothing: `expect(…)`, `yield expect(…)`, and
 * `const x = expect(…)` compile without their `yield*`, and skip the step. A generator may be handed
 * on by `return` or as an arrow function's value. Returns one line for each mistake.
 */
export function droppedGenerators(tree: Tree): string[] {
  const names = new Set<string>();
  for (const [path, source] of tree) for (const name of declared(path, source)) names.add(name);
  const problems: string[] = [];
  for (const [path, source] of tree) {
    const allowed = new Set<number>();
    const calls: { readonly start: number; readonly name: string }[] = [];
    const lineOf = (offset: number) => source.slice(0, offset).split("\n").length;
    new Visitor({
      YieldExpression: (node) => {
        if (node.delegate && node.argument !== null) allowed.add(node.argument.start);
      },
      ReturnStatement: (node) => {
        if (node.argument !== null) allowed.add(node.argument.start);
      },
      ArrowFunctionExpression: (node) => {
        allowed.add(node.body.start);
      },
      CallExpression: (node) => {
        const name = calleeName(node.callee);
        if (name !== undefined && names.has(name)) calls.push({ start: node.start, name });
      },
      ExpressionStatement: ({ expression }) => {
        if (expression.type !== "YieldExpression" || expression.argument === null) return;
        const { argument, start } = expression;
        const name = argument.type === "CallExpression" ? calleeName(argument.callee) : undefined;
        if (name !== undefined && expression.delegate && mustBeUsed.includes(name)) {
          problems.push(`${path}:${lineOf(start)} drops the message of yield* ${name}(…)`);
        }
      },
    }).visit(parseSync(path, source).program);
    for (const { start, name } of calls) {
      if (!allowed.has(start))
        problems.push(`${path}:${lineOf(start)} ${name}(…) lacks its yield*`);
    }
  }
  return problems;
}

function declared(path: string, source: string): string[] {
  const names: string[] = [];
  new Visitor({
    FunctionDeclaration: (node) => {
      if (node.generator && node.id !== null) names.push(node.id.name);
    },
    VariableDeclarator: ({ id, init }) => {
      if (init?.type === "FunctionExpression" && init.generator && id.type === "Identifier") {
        names.push(id.name);
      }
    },
    MethodDefinition: ({ key, value }) => {
      if (value.generator && key.type === "Identifier") names.push(key.name);
    },
    Property: ({ key, value }) => {
      if (value.type === "FunctionExpression" && value.generator && key.type === "Identifier") {
        names.push(key.name);
      }
    },
  }).visit(parseSync(path, source).program);
  return names;
}

/** `name` of `name(…)` and of `something.name(…)`. */
function calleeName(callee: Expression): string | undefined {
  if (callee.type === "Identifier") return callee.name;
  if (callee.type !== "MemberExpression" || callee.property.type !== "Identifier") return undefined;
  return callee.property.name;
}
