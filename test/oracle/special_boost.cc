// How far Boost.Math is from the figures of special.csv and special_quantile.csv, relative, function by function: a second source for them. Nothing else
// uses it. With the package libboost-dev, in this directory:
//     g++ -O2 -o /tmp/special_boost special_boost.cc && /tmp/special_boost
#include <boost/math/distributions/normal.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace bm = boost::math;
using arguments = std::vector<double>;

static const std::map<std::string, std::function<double(const arguments &)>> functions = {
    {"gamma_lower", [](const arguments &x) { return bm::gamma_p(x[0], x[1]); }},
    {"gamma_upper", [](const arguments &x) { return bm::gamma_q(x[0], x[1]); }},
    {"gamma_lower_quantile", [](const arguments &x) { return bm::gamma_p_inv(x[0], x[1]); }},
    {"gamma_upper_quantile", [](const arguments &x) { return bm::gamma_q_inv(x[0], x[1]); }},
    // x and y = 1 - x: the smaller says more.
    {"beta_regularised", [](const arguments &x) { return x[2] <= x[3] ? bm::ibeta(x[0], x[1], x[2]) : bm::ibetac(x[1], x[0], x[3]); }},
    {"beta_lower_odds", [](const arguments &x) { double y, p = bm::ibeta_inv(x[0], x[1], x[2], &y); return p / y; }},
    {"beta_upper_odds", [](const arguments &x) { double y, p = bm::ibetac_inv(x[0], x[1], x[2], &y); return p / y; }},
    {"normal_upper_tail", [](const arguments &x) { return bm::cdf(bm::complement(bm::normal(), x[0])); }},
};

int main()
{
    struct result { int compared = 0, failed = 0, beyond = 0; double worst = 0; };
    std::map<std::string, result> results;

    for (const char *name : {"special.csv", "special_quantile.csv"})
    {
        std::ifstream file(name);
        for (std::string line; std::getline(file, line);)
        {
            std::istringstream fields(line);
            std::string function, field;
            arguments x;
            std::getline(fields, function, ',');
            const auto found = functions.find(function);
            if (found == functions.end())
                continue;
            while (std::getline(fields, field, ','))
                x.push_back(field.empty() ? 0 : std::strtod(field.c_str(), nullptr));
            result &r = results[function];
            try
            {
                const double have = found->second(x), want = x[4];
                const double difference = std::fabs(have - want) / (want == 0 ? 1 : std::fabs(want));
                r.compared++;
                r.beyond += !(difference <= 1e-12);
                if (difference > r.worst)
                    r.worst = difference;
                if (!(difference <= 1e-12))
                    std::printf("  %s(%.17g, %.17g, %.17g, %.17g): %.17g, not %.17g\n", function.c_str(), x[0], x[1], x[2], x[3], have, want);
            }
            catch (const std::exception &)
            {
                r.failed++;
            }
        }
    }
    for (const auto &r : results)
        std::printf("%s: %d compared, largest difference %.1e, %d beyond 1e-12, %d that Boost refuses\n", r.first.c_str(), r.second.compared, r.second.worst,
                    r.second.beyond, r.second.failed);
}
