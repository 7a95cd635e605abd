import type { Json, JsonObject } from './definition.ts'

const PLACE = /\{\{\s*(?:inputs\.)?([a-z][a-z0-9_]{0,49})\s*\}\}/g

/** The inputs that a prompt mentions as `{{ name }}`. */
export function namesInPrompt(prompt: string): string[] {
  return [...new Set([...prompt.matchAll(PLACE)].map((match) => match[1] ?? ''))]
}

/** A prompt with its inputs filled in. What is filled in is never read as a place again. */
export function renderPrompt(prompt: string, inputs: JsonObject): string {
  return prompt.replaceAll(PLACE, (_, name: string) => textOf(Object.hasOwn(inputs, name) ? inputs[name] : undefined))
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null)
}
