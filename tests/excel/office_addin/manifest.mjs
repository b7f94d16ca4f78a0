// What Microsoft's own tool reads in a manifest: node manifest.mjs FILE
import manifests from "office-addin-manifest";

console.log(JSON.stringify(await manifests.OfficeAddinManifest.readManifestFile(process.argv[2])));
