// The metadata that Microsoft's own tool makes of functions with JSDoc: node metadata.mjs FILE.ts
import metadata from "custom-functions-metadata";

const found = await metadata.generateCustomFunctionsMetadata([process.argv[2]]);
if (found.errors.length) throw new Error(found.errors.join("\n"));
console.log(JSON.stringify({
  metadata: JSON.parse(found.metadataJson),
  associated: found.associate.map((one) => one.id),
}));
