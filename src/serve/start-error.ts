/** StartError says in one sentence, to the person who started the server, why it could not start. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** Runs `program`; where it throws a StartError, prints its sentence and lets the process exit with 1. */
export async function orSayWhyNot(program: Promise<void>): Promise<void> {
  try {
    await program;
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
