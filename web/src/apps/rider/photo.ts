// A photo made small enough for a poor network. Drawing it anew also leaves place, time and camera behind; the
// server does so again.
const longest = 1280;
const quality = 0.7;
/** In base64: what the server takes at most. */
const most = 900_000;

/** The photo as JPEG in base64; null for a file that is no picture that this phone can read. */
export async function shrink(file: Blob): Promise<string | null> {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
    const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    const pen = canvas.getContext('2d');
    if (!pen) return null;
    pen.fillStyle = '#fff'; // a JPEG has nothing to see through
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const text = canvas.toDataURL('image/jpeg', quality).split(',', 2)[1] ?? '';
    return text === '' || text.length > most ? null : text;
  } catch {
    return null;
  }
}
