// The few assertions that the unit tests need; the functions import nothing, and neither do their tests.

export function assertEquals(actual: unknown, expected: unknown): void {
  const [a, e] = [JSON.stringify(actual, null, 1), JSON.stringify(expected, null, 1)];
  if (a !== e) throw new Error(`got\n${a}\nexpected\n${e}`);
}

export function assertIncludes(text: string, part: string): void {
  if (!text.includes(part)) throw new Error(`not found:\n${part}\nin\n${text}`);
}

export function assertNot(condition: boolean, what: string): void {
  if (condition) throw new Error(`unexpected: ${what}`);
}
