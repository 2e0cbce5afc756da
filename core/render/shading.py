"""How a body looks: a rough dielectric under three lights from far away and some ambient light.

Cook-Torrance with Schlick's Fresnel term, Smith's shadowing in Schlick's form and the GGX
distribution (Walter et al., EGSR 2007; k as Karis, SIGGRAPH 2013), worked out a pixel.
"""

AMBIENT = 0.22
ROUGHNESS = 0.8
REFLECTANCE = 0.04
"""Of a dielectric, seen from the front."""

VERTEX = """#version 330 core
layout(location = 0) in vec3 position;
layout(location = 1) in vec3 normal;
layout(location = 2) in vec3 colour;
uniform mat4 view;
uniform mat4 lens;
out vec3 at;
out vec3 up;
out vec3 own;

void main() {
    vec4 seen = view * vec4(position, 1.0);
    gl_Position = lens * seen;
    at = seen.xyz;
    up = mat3(view) * normal;
    own = colour;
}
"""

FRAGMENT = f"""#version 330 core
uniform vec3 towards[3];
uniform vec3 radiance[3];
in vec3 at;
in vec3 up;
in vec3 own;
out vec4 drawn;

const float PI = 3.141592653589793;
const float A2 = {ROUGHNESS**4};
const float K = {(ROUGHNESS + 1) ** 2 / 8};
const float F0 = {REFLECTANCE};

void main() {{
    vec3 n = normalize(up);
    vec3 v = normalize(-at);
    float nv = clamp(abs(dot(n, v)), 0.001, 1.0);
    vec3 light = vec3({AMBIENT});
    for (int i = 0; i < 3; i++) {{
        vec3 h = normalize(towards[i] + v);
        float nl = clamp(dot(n, towards[i]), 0.001, 1.0);
        float nh = clamp(dot(n, h), 0.0, 1.0);
        float away = 1.0 - clamp(dot(v, h), 0.0, 1.0);
        float fresnel = F0 + (1.0 - F0) * away * away * away * away * away;
        float shadow = nv / (nv * (1.0 - K) + K) * nl / (nl * (1.0 - K) + K);
        float spread = nh * nh * (A2 - 1.0) + 1.0;
        float gloss = fresnel * shadow * A2 / (PI * spread * spread) / (4.0 * nl * nv + 0.001);
        light += nl * radiance[i] * ((1.0 - fresnel) * (1.0 - F0) / PI + gloss);
    }}
    drawn = vec4(pow(light * own, vec3(1.0 / 2.2)), 1.0);
}}
"""
