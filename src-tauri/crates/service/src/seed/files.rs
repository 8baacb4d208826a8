//! Made-up files: real pictures, sound and documents, small.

use std::fmt::Write;
use std::io;

use super::Dice;

/// A picture: a chequered loaf of colours.
pub fn picture(seed: u64, side: u32) -> io::Result<Vec<u8>> {
    let mut dice = Dice(seed);
    let (red, green) = (dice.below(200) as u32, dice.below(200) as u32);
    let mut pixels = Vec::with_capacity((side * side * 3) as usize);
    for y in 0..side {
        for x in 0..side {
            let shade = if (x / 16 + y / 16).is_multiple_of(2) {
                40
            } else {
                0
            };
            let parts = [red + shade, green + y * 40 / side, 90 + x * 120 / side + shade];
            pixels.extend(parts.map(|part| part.min(255) as u8));
        }
    }
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, side, side);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&pixels));
    written.map_err(io::Error::other)?;
    Ok(out)
}

/// What a sound file of so many samples (8 kHz, 8 bits, one channel) begins with.
pub fn sound_header(samples: u32) -> Vec<u8> {
    const RATE: u32 = 8_000;
    let mut out = Vec::with_capacity(44);
    out.extend(b"RIFF");
    out.extend((36 + samples).to_le_bytes());
    out.extend(b"WAVEfmt ");
    out.extend(16_u32.to_le_bytes());
    out.extend([1_u16, 1].map(u16::to_le_bytes).concat());
    out.extend([RATE, RATE].map(u32::to_le_bytes).concat());
    out.extend([1_u16, 8].map(u16::to_le_bytes).concat());
    out.extend(b"data");
    out.extend(samples.to_le_bytes());
    out
}

/// A sound: a tone that comes and goes.
pub fn sound(seconds: u32, tone: u32) -> Vec<u8> {
    let samples = seconds * 8_000;
    let mut out = sound_header(samples);
    out.extend((0..samples).map(|sample| {
        let loud = 20 + (sample / 2_000) % 40;
        let is_high = (sample * tone / 4_000).is_multiple_of(2);
        if is_high {
            128 + loud as u8
        } else {
            128 - loud as u8
        }
    }));
    out
}

/// A document of one page with lines of ASCII text (PDF 1.4).
pub fn document(lines: &[String]) -> Vec<u8> {
    let mut page = String::from("BT /F1 12 Tf 72 770 Td 16 TL\n");
    for line in lines {
        let line: String = line
            .chars()
            .filter(|character| character.is_ascii() && !"()\\".contains(*character))
            .collect();
        let _ = writeln!(page, "({line}) Tj T*");
    }
    page.push_str("ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{page}\nendstream", page.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut out = String::from("%PDF-1.4\n");
    let mut places = Vec::new();
    for (number, object) in (1..).zip(&objects) {
        places.push(out.len());
        let _ = write!(out, "{number} 0 obj\n{object}\nendobj\n");
    }
    let table = out.len();
    let _ = write!(out, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for place in places {
        let _ = writeln!(out, "{place:010} 00000 n ");
    }
    let _ = write!(
        out,
        "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n",
        objects.len() + 1
    );
    out.into_bytes()
}
