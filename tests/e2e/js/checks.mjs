// What every driver reports with: one JSON object for each check, as tests/e2e/checks.py reads them.

/** The checks of one client, by its name. */
export function checksOf(client) {
  let failed = 0;
  const tell = (name, ok, figure, more) => console.log(JSON.stringify({ client, name, ok, figure, ...more, required: true }));
  return {
    /** Whether `body` gets through; what it returns is the check's figure. */
    async check(name, body) {
      const began = performance.now();
      let ok = true, figure = null;
      try { figure = (await body()) ?? null; } catch (error) { ok = false; figure = error.stack; }
      failed += !ok;
      tell(name, ok, figure, { ms: Math.round(performance.now() - began) });
    },
    /** Says how it went, and ends the process. */
    end() {
      tell("SUMMARY", !failed, { failed });
      process.exit(failed ? 1 : 0);
    },
  };
}

export function expect(found, wanted) {
  const [shown, meant] = [found, wanted].map((value) => JSON.stringify(value));
  if (shown !== meant) throw new Error(`found ${shown}, not ${meant}`);
}
