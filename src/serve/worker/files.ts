/** Files: the assets' contents, from memory, in the guise of the KV namespace that Cloudflare's asset Worker reads. */

interface FilesEnv {
  /** Content type of each file, by its key. */
  readonly TYPES: Readonly<Record<string, string | null>>;
  /** Content of each file, by its key. */
  readonly [key: string]: unknown;
}

export default {
  fetch(request: Request, env: FilesEnv): Response {
    const key = new URL(request.url).pathname.slice(1);
    const content = env[key];
    if (!(content instanceof ArrayBuffer)) return new Response(null, { status: 404 });
    return new Response(content, {
      headers: { "CF-KV-Metadata": JSON.stringify({ contentType: env.TYPES[key] }) },
    });
  },
};
