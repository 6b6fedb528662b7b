// A folder that electron-builder takes for Electron, where the real one cannot be had: names, and a program with fuses to flip.
import fs from 'node:fs';
import path from 'node:path';
import { NtExecutable, NtExecutableResource, Resource } from 'resedit';

// Fuse wire version 1 with nine fuses, in the state in which Electron ships them.
const fuses = Buffer.concat([
  Buffer.alloc(4096),
  Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
  Buffer.from([1, 9]),
  Buffer.from('101100110'),
  Buffer.alloc(4096),
]);

const resources = ['icudtl.dat', 'LICENSE', 'LICENSES.chromium.html', 'resources.pak'];
resources.push('v8_context_snapshot.bin', 'snapshot_blob.bin', 'locales/en-US.pak');

/** Makes the stand-in for `platform` in `folder`, which it empties first. */
export function makeStandIn(folder, platform, version) {
  fs.rmSync(folder, { recursive: true, force: true });
  const put = (name, content = 'stand-in', mode = 0o644) => {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content, { mode });
  };
  put('version', version);
  makers[platform](put);
  return folder;
}

const makers = {
  linux: (put) => {
    for (const name of [...resources, 'chrome_crashpad_handler', 'chrome-sandbox']) put(name);
    put('resources/placeholder');
    put('electron', Buffer.concat([Buffer.from('7f454c46', 'hex'), fuses]), 0o755);
  },
  win32: (put) => {
    for (const name of resources) put(name);
    put('resources/placeholder');
    const program = NtExecutable.createEmpty();
    const inside = NtExecutableResource.from(program, true);
    // electron-builder writes the checksum of app.asar beside what it finds said of the version.
    const version = Resource.VersionInfo.createEmpty();
    version.setStringValues({ lang: 1033, codepage: 1200 }, { ProductName: 'Electron' });
    version.outputToResourceEntries(inside.entries);
    inside.outputResource(program);
    program.setExtraData(fuses);
    put('electron.exe', Buffer.from(program.generate()), 0o755);
  },
  darwin: (put) => {
    const contents = 'Electron.app/Contents';
    put(`${contents}/Info.plist`, plist('Electron'));
    put(`${contents}/MacOS/Electron`, 'stand-in', 0o755);
    put(`${contents}/Resources/electron.icns`);
    const frameworks = `${contents}/Frameworks`;
    put(`${frameworks}/Electron Framework.framework/Electron Framework`, fuses, 0o755);
    put(`${frameworks}/Electron Framework.framework/Resources/en.lproj/locale.pak`);
    for (const kind of ['', ' (Renderer)', ' (Plugin)', ' (GPU)']) {
      const name = `Electron Helper${kind}`;
      put(`${frameworks}/${name}.app/Contents/Info.plist`, plist(name));
      put(`${frameworks}/${name}.app/Contents/MacOS/${name}`, 'stand-in', 0o755);
    }
  },
};

const plist = (name) => `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>CFBundleExecutable</key><string>${name}</string>
<key>CFBundleIdentifier</key><string>com.example.stand-in</string>
<key>CFBundleName</key><string>${name}</string>
<key>CFBundleIconFile</key><string>electron.icns</string>
<key>CFBundlePackageType</key><string>APPL</string>
</dict></plist>
`;
